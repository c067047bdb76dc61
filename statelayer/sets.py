"""Where the reference system's migration sets lie, and how its SQLite files are brought to head.

In a checkout the sets are top-level directories, in the wheel they travel inside this package;
the revisions find the triggers beside them in either layout.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

DATABASES = ("operational", "memory")
"""The SQLite files, without `.db`; each has a set of its own."""


def sets_root() -> Path:
    """Return the directory that holds `alembic_sqlite`, `alembic_postgres` and `triggers`.

    FileNotFoundError where neither layout is there: the package was installed by halves.
    """
    package = Path(__file__).resolve().parent
    for root in (package / "sets", package.parent):
        if (root / "alembic_postgres" / "env.py").is_file():
            return root
    raise FileNotFoundError(f"no migration sets in {package / 'sets'} or {package.parent}")


def upgrade_sqlite(database: str, path: Path) -> None:
    """Bring a SQLite file to the head of the set called `database`; make the file if need be."""
    config = Config()
    script = str(sets_root() / "alembic_sqlite" / database)
    config.set_main_option("script_location", script.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    url = sa.URL.create("sqlite", database=str(path))
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
