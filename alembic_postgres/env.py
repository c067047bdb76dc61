"""Run the PostgreSQL revisions: on a connection handed over, or on a URL of one's own.

One set for what are two files in SQLite. A revision that has a counterpart there has the same id;
`pg_…` revisions make what only PostgreSQL has.
"""

import os

import sqlalchemy as sa
from alembic import context

URL_VARIABLE = "STATELAYER_POSTGRES_URL"


def _url() -> sa.URL:
    url = context.get_x_argument(as_dictionary=True).get("url") or os.environ.get(URL_VARIABLE)
    if not url:
        raise SystemExit(f"which database? give -x url=postgresql://…, or set {URL_VARIABLE}")
    return sa.make_url(url).set(drivername="postgresql+psycopg")


def _migrate(connection: sa.Connection) -> None:
    # Alembic doesn't own a transaction that it finds open: it would report success, and
    # SQLAlchemy would roll all of it back.
    if connection.in_transaction():
        raise RuntimeError("the connection handed to this set is inside a transaction")
    context.configure(
        connection=connection,
        transaction_per_migration=True,
        version_table_schema=context.config.attributes.get("schema"),
    )
    with context.begin_transaction():
        context.run_migrations()


def _print_sql() -> None:
    context.configure(dialect_name="postgresql", literal_binds=True, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def _run() -> None:
    connection = context.config.attributes.get("connection")
    if context.is_offline_mode():
        _print_sql()
    elif connection is not None:
        _migrate(connection)
    else:
        with sa.create_engine(_url(), poolclass=sa.NullPool).connect() as own:
            _migrate(own)


_run()
