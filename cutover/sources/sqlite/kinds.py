"""Tables that hold nothing of the application's own: shadow tables and schema tools' histories.

SQLite knows the shadow tables of a module only while the module is loaded; without it they look
like ordinary ones (measured with spatialite and rtree builds), so their suffixes are listed here.
"""

from collections.abc import Collection, Mapping

from cutover.sources.sqlite.rows import fold

_FTS3 = ("content", "segments", "segdir", "docsize", "stat")
_RTREE = ("node", "rowid", "parent")

# The suffixes of the tables in which a module keeps its rows, by module.
_SHADOWS: Mapping[str, tuple[str, ...]] = {
    "fts3": _FTS3,
    "fts4": _FTS3,
    "fts5": ("data", "idx", "content", "docsize", "config"),
    "rtree": _RTREE,
    "rtree_i32": _RTREE,
    "geopoly": _RTREE,
    "spellfix1": ("vocab",),
    "vec0": ("chunks", "rowids", "info", "auxiliary"),
}

# By name, the columns that must be there: a table of the application may have the same name.
_HISTORIES: Mapping[str, frozenset[str]] = {
    "alembic_version": frozenset({"version_num"}),
    "django_migrations": frozenset({"app", "name", "applied"}),
    "_prisma_migrations": frozenset({"id", "checksum", "migration_name", "finished_at"}),
    "schema_migrations": frozenset({"version"}),
    "ar_internal_metadata": frozenset({"key", "value", "created_at", "updated_at"}),
    "flyway_schema_history": frozenset({"installed_rank", "version", "script", "checksum"}),
    "knex_migrations": frozenset({"id", "name", "batch", "migration_time"}),
    "knex_migrations_lock": frozenset({"index", "is_locked"}),
    "__EFMigrationsHistory": frozenset({"MigrationId", "ProductVersion"}),
    "__EFMigrationsLock": frozenset({"Id", "Timestamp"}),
    "goose_db_version": frozenset({"version_id", "is_applied"}),
    "_sqlx_migrations": frozenset({"version", "description", "installed_on", "checksum"}),
    "__diesel_schema_migrations": frozenset({"version", "run_on"}),
    "__drizzle_migrations": frozenset({"id", "hash", "created_at"}),
    "refinery_schema_history": frozenset({"version", "name", "applied_on", "checksum"}),
    "atlas_schema_revisions": frozenset({"version", "description", "type", "applied"}),
    "SequelizeMeta": frozenset({"name"}),
    "DATABASECHANGELOG": frozenset({"ID", "AUTHOR", "FILENAME", "MD5SUM"}),
    "DATABASECHANGELOGLOCK": frozenset({"ID", "LOCKED", "LOCKGRANTED"}),
}
_LONE_COLUMN = frozenset({"alembic_version", "SequelizeMeta"})
_WIDEST_VERSION_TABLE = 4
"""`schema_migrations` has a version, and at most a few words about it, whoever made it."""


def is_internal(name: str) -> bool:
    """Tell whether a table is SQLite's own (https://sqlite.org/fileformat2.html#intschema)."""
    return fold(name).startswith("sqlite_")


def is_history(name: str, columns: Collection[str]) -> bool:
    """Tell whether a table is the memory of a schema tool: a well-known name, with its columns."""
    needed = _HISTORIES.get(name)
    if needed is None or not needed <= set(columns):
        return False
    if name in _LONE_COLUMN:
        return len(columns) == 1
    return name != "schema_migrations" or len(columns) <= _WIDEST_VERSION_TABLE


def shadow_names(virtual: str, module: str) -> frozenset[str]:
    """Return the folded names under which a virtual table of that module keeps its rows."""
    return frozenset(f"{fold(virtual)}_{suffix}" for suffix in _SHADOWS.get(fold(module), ()))
