"""Run the revisions of memory.db: on a connection handed over, or on a URL of one's own.

SQLite can roll DDL back, but Python's driver opens no transaction for DDL by itself: on a URL of
one's own each revision is run inside a BEGIN IMMEDIATE, which also keeps a second migrator out.
"""

import os
from typing import Any

import sqlalchemy as sa
from alembic import context

URL_VARIABLE = "STATELAYER_MEMORY_URL"


def _url() -> str:
    url = context.get_x_argument(as_dictionary=True).get("url") or os.environ.get(URL_VARIABLE)
    if not url:
        raise SystemExit(f"which database? give -x url=sqlite:///memory.db, or set {URL_VARIABLE}")
    return url


def _engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url, poolclass=sa.NullPool)

    @sa.event.listens_for(engine, "connect")
    def _leave_transactions_to_us(driver: Any, _record: Any) -> None:
        driver.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _migrate(connection: sa.Connection) -> None:
    # Alembic doesn't own a transaction that it finds open: it would report success, and
    # SQLAlchemy would roll all of it back.
    if connection.in_transaction():
        raise RuntimeError("the connection handed to this set is inside a transaction")
    context.configure(
        connection=connection,
        transactional_ddl=True,
        transaction_per_migration=True,
        version_table_schema=context.config.attributes.get("schema"),
    )
    with context.begin_transaction():
        context.run_migrations()


def _print_sql() -> None:
    context.configure(
        dialect_name="sqlite",
        literal_binds=True,
        transactional_ddl=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _run() -> None:
    connection = context.config.attributes.get("connection")
    if context.is_offline_mode():
        _print_sql()
    elif connection is not None:
        _migrate(connection)
    else:
        with _engine(_url()).connect() as own:
            _migrate(own)


_run()
