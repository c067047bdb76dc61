"""Damages to what the set made in the target, an object each, and what verify must say of it."""

from collections.abc import Iterator
from dataclasses import dataclass

OPEN_GUARD = """CREATE OR REPLACE FUNCTION history_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RETURN OLD; END $$"""


@dataclass(frozen=True, slots=True)
class Damage:
    """A damage in words, the statements that do it, and the finding that names it."""

    name: str
    statements: tuple[str, ...]
    check: str
    kind: str
    subject: str


def _damages(
    finding: tuple[str, str, str], damages: dict[str, str | tuple[str, ...]]
) -> Iterator[Damage]:
    for name, done in damages.items():
        statements = (done,) if isinstance(done, str) else done
        yield Damage(name, statements, *finding)


def _again(drop: str, create: str) -> tuple[str, str]:
    return drop, create


_UX = "DROP INDEX ux_owners_open"
_IX = "DROP INDEX ix_owners_age"
_ALTER = "ALTER TABLE owners ALTER COLUMN"
_FK = "ALTER TABLE pets DROP CONSTRAINT fk_pets_owner"
_FK_NEW = "ALTER TABLE pets ADD CONSTRAINT fk_pets_owner FOREIGN KEY (owner_id) REFERENCES owners"
_CK = "ALTER TABLE owners DROP CONSTRAINT ck_owners_age"
_VIEW = "CREATE OR REPLACE VIEW open_owners AS SELECT id, name FROM owners WHERE state = "

INDEXES = (
    *_damages(
        ("indexes", "mismatching", '"ux_owners_open"'),
        {
            "a partial unique index loses its predicate": (
                _UX,
                "CREATE UNIQUE INDEX ux_owners_open ON owners (name)",
            ),
            "its predicate has another literal": (
                _UX,
                "CREATE UNIQUE INDEX ux_owners_open ON owners (name) WHERE state = 'new'",
            ),
            "it is no longer unique": (
                _UX,
                "CREATE INDEX ux_owners_open ON owners (name) WHERE state = 'open'",
            ),
            "it is on another column": (
                _UX,
                "CREATE UNIQUE INDEX ux_owners_open ON owners (email) WHERE state = 'open'",
            ),
            "it has another collation": (
                _UX,
                'CREATE UNIQUE INDEX ux_owners_open ON owners (name COLLATE "POSIX")'
                " WHERE state = 'open'",
            ),
            "its NULLs are no longer distinct": (
                _UX,
                "CREATE UNIQUE INDEX ux_owners_open ON owners (name) NULLS NOT DISTINCT"
                " WHERE state = 'open'",
            ),
            "it is invalid": "UPDATE pg_index SET indisvalid = false"
            " WHERE indexrelid = 'ux_owners_open'::regclass",
        },
    ),
    *_damages(("indexes", "missing", '"ux_owners_open"'), {"it is dropped": _UX}),
    *_damages(
        ("indexes", "missing", '"ix_owners_age"'),
        {"an index is renamed": "ALTER INDEX ix_owners_age RENAME TO idx_17073_ix_owners_age"},
    ),
    *_damages(
        ("indexes", "mismatching", '"ix_owners_age"'),
        {
            "an index loses its DESC": (_IX, "CREATE INDEX ix_owners_age ON owners (age)"),
            "an index sorts NULLs elsewhere": (
                _IX,
                "CREATE INDEX ix_owners_age ON owners (age DESC)",
            ),
            "an index is of another method": (
                _IX,
                "CREATE INDEX ix_owners_age ON owners USING hash (age)",
            ),
        },
    ),
    *_damages(
        ("indexes", "mismatching", '"ux_owners_lower"'),
        {
            "an index is on the column, not the expression": (
                "DROP INDEX ux_owners_lower",
                "CREATE UNIQUE INDEX ux_owners_lower ON owners (email)",
            ),
        },
    ),
    *_damages(
        ("indexes", "extraneous", '"ux_pets_name"'),
        {"an index is added": "CREATE UNIQUE INDEX ux_pets_name ON pets (name)"},
    ),
)

KEYS = (
    *_damages(
        ("constraints", "missing", '"pets_pkey"'),
        {
            "a primary key is dropped": "ALTER TABLE pets DROP CONSTRAINT pets_pkey",
            "an index stands in for a primary key": (
                "ALTER TABLE pets DROP CONSTRAINT pets_pkey",
                "CREATE UNIQUE INDEX pets_pkey ON pets (id)",
            ),
        },
    ),
    *_damages(
        ("constraints", "mismatching", '"pets_pkey"'),
        {
            "a primary key has another column": (
                "ALTER TABLE pets DROP CONSTRAINT pets_pkey",
                "ALTER TABLE pets ADD CONSTRAINT pets_pkey PRIMARY KEY (id, name)",
            ),
        },
    ),
    *_damages(
        ("constraints", "missing", '"uq_owners_email"'),
        {"a unique key is dropped": "ALTER TABLE owners DROP CONSTRAINT uq_owners_email"},
    ),
    *_damages(
        ("constraints", "mismatching", '"uq_owners_email"'),
        {
            "a unique key is deferrable": (
                "ALTER TABLE owners DROP CONSTRAINT uq_owners_email",
                "ALTER TABLE owners ADD CONSTRAINT uq_owners_email UNIQUE (email) DEFERRABLE",
            ),
        },
    ),
    *_damages(("foreign_keys", "missing", '"fk_pets_owner"'), {"a foreign key is dropped": _FK}),
    *_damages(
        ("foreign_keys", "mismatching", '"fk_pets_owner"'),
        {
            "a foreign key loses its action": (_FK, _FK_NEW),
            "it has another action": (_FK, f"{_FK_NEW} ON DELETE SET NULL"),
            "it is NOT VALID": (_FK, f"{_FK_NEW} ON DELETE CASCADE NOT VALID"),
            "it is deferrable": (_FK, f"{_FK_NEW} ON DELETE CASCADE DEFERRABLE"),
            "it is MATCH FULL": (_FK, f"{_FK_NEW} MATCH FULL ON DELETE CASCADE"),
            "it is switched off with all triggers of its table": (
                "ALTER TABLE pets DISABLE TRIGGER ALL"
            ),
            "it is switched off with all triggers of its parent": (
                "ALTER TABLE owners DISABLE TRIGGER ALL"
            ),
        },
    ),
    *_damages(("constraints", "missing", '"ck_owners_age"'), {"a CHECK is dropped": _CK}),
    *_damages(
        ("constraints", "mismatching", '"ck_owners_age"'),
        {
            "a CHECK is weakened": (
                _CK,
                "ALTER TABLE owners ADD CONSTRAINT ck_owners_age CHECK (age >= 0)",
            ),
            "a CHECK is NOT VALID": (
                _CK,
                "ALTER TABLE owners ADD CONSTRAINT ck_owners_age CHECK (age > 0) NOT VALID",
            ),
        },
    ),
    *_damages(
        ("constraints", "extraneous", '"ck_more"'),
        {"a CHECK is added": "ALTER TABLE owners ADD CONSTRAINT ck_more CHECK (age < 200)"},
    ),
)

COLUMNS = (
    *_damages(
        ("columns", "mismatching", '"owners"."email"'),
        {
            "NOT NULL is dropped": f"{_ALTER} email DROP NOT NULL",
            "text becomes varchar(200)": f"{_ALTER} email TYPE varchar(200)",
            "a column has another collation": f'{_ALTER} email TYPE text COLLATE "POSIX"',
        },
    ),
    *_damages(
        ("columns", "mismatching", '"owners"."state"'),
        {
            "a default is dropped": f"{_ALTER} state DROP DEFAULT",
            "a default is another": f"{_ALTER} state SET DEFAULT 'old'",
        },
    ),
    *_damages(
        ("columns", "mismatching", '"owners"."id"'),
        {
            "an identity is dropped": f"{_ALTER} id DROP IDENTITY",
            "an identity takes no numbers of ours": f"{_ALTER} id SET GENERATED ALWAYS",
        },
    ),
    *_damages(
        ("columns", "mismatching", '"owners"."archived_at"'),
        {
            "timestamptz becomes timestamptz(3)": f"{_ALTER} archived_at TYPE timestamptz(3)",
            "timestamptz becomes timestamp": f"{_ALTER} archived_at TYPE timestamp",
        },
    ),
    *_damages(
        ("columns", "mismatching", '"readings"."cost"'),
        {
            "double precision becomes real": "ALTER TABLE readings ALTER COLUMN cost TYPE real"
            " USING CASE WHEN abs(cost) < 1e30 AND abs(cost) > 1e-30 THEN cost::real END"
        },
    ),
    *_damages(
        ("columns", "mismatching", '"owners"."age"'),
        {"bigint becomes integer": f"{_ALTER} age TYPE integer"},
    ),
    *_damages(
        ("columns", "mismatching", '"readings"."body"'),
        {"jsonb becomes json": "ALTER TABLE readings ALTER COLUMN body TYPE json"},
    ),
    *_damages(
        ("columns", "mismatching", '"owners"."loud"'),
        {
            "a generated column becomes a plain one": f"{_ALTER} loud DROP EXPRESSION",
            "a generated column has another expression": (
                "ALTER TABLE owners DROP COLUMN loud",
                "ALTER TABLE owners ADD COLUMN loud text GENERATED ALWAYS AS (lower(state)) STORED",
            ),
        },
    ),
    *_damages(
        ("columns", "missing", '"pets"."name"'),
        {
            "a column is dropped": "ALTER TABLE pets DROP COLUMN name",
            "a column is renamed": 'ALTER TABLE pets RENAME COLUMN name TO "Name"',
        },
    ),
    *_damages(
        ("columns", "extraneous", '"pets"."colour"'),
        {"a column is added": "ALTER TABLE pets ADD COLUMN colour text"},
    ),
    *_damages(
        ("columns", "mismatching", '"pets"'),
        {
            "columns stand in another order": (
                "ALTER TABLE pets ADD COLUMN owner bigint",
                "UPDATE pets SET owner = owner_id",
                _FK,
                "ALTER TABLE pets DROP COLUMN owner_id",
                "ALTER TABLE pets RENAME COLUMN owner TO owner_id",
                "ALTER TABLE pets ALTER COLUMN owner_id SET NOT NULL",
                f"{_FK_NEW} ON DELETE CASCADE",
            ),
        },
    ),
)

TRIGGERS = (
    *_damages(
        ("triggers", "missing", '"history_no_change"'),
        {"a guard is dropped": "DROP TRIGGER history_no_change ON history"},
    ),
    *_damages(
        ("triggers", "missing", '"history_no_truncate"'),
        {"the guard against TRUNCATE is dropped": "DROP TRIGGER history_no_truncate ON history"},
    ),
    *_damages(
        ("triggers", "mismatching", '"history_no_change"'),
        {
            "a guard is disabled": "ALTER TABLE history DISABLE TRIGGER history_no_change",
            "a guard is no longer ALWAYS": "ALTER TABLE history ENABLE TRIGGER history_no_change",
            "a guard fires in a replica only": (
                "ALTER TABLE history ENABLE REPLICA TRIGGER history_no_change"
            ),
            "a guard returns, and doesn't raise": OPEN_GUARD,
            "a guard is for UPDATE alone": (
                "DROP TRIGGER history_no_change ON history",
                "CREATE TRIGGER history_no_change BEFORE UPDATE ON history"
                " FOR EACH ROW EXECUTE FUNCTION history_refuse()",
                "ALTER TABLE history ENABLE ALWAYS TRIGGER history_no_change",
            ),
            "a guard has a condition": (
                "DROP TRIGGER history_no_change ON history",
                "CREATE TRIGGER history_no_change BEFORE UPDATE OR DELETE ON history"
                " FOR EACH ROW WHEN (OLD.id > 1) EXECUTE FUNCTION history_refuse()",
                "ALTER TABLE history ENABLE ALWAYS TRIGGER history_no_change",
            ),
        },
    ),
    *_damages(
        ("triggers", "mismatching", '"history"'),
        {
            "all triggers of a table are off": "ALTER TABLE history DISABLE TRIGGER ALL",
            "a guard is open: it is tried": OPEN_GUARD,
        },
    ),
    *_damages(
        ("triggers", "mismatching", "session_replication_role"),
        {
            "triggers are off by a setting of the database": (
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I"
                " SET session_replication_role = replica', current_database()); END $$"
            ),
        },
    ),
    *_damages(
        ("triggers", "extraneous", '"stamp"'),
        {
            "a trigger is added": (
                "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql"
                " AS $$ BEGIN NEW.name := 'x'; RETURN NEW; END $$",
                "CREATE TRIGGER stamp BEFORE INSERT ON pets FOR EACH ROW EXECUTE FUNCTION stamp()",
            ),
        },
    ),
)

SEQUENCES = (
    *_damages(
        ("sequences", "mismatching", '"owners"."id"'),
        {
            "a sequence is moved back": (
                "SELECT setval(pg_get_serial_sequence('owners', 'id'), 2)"
            ),
            "a sequence forgets a number whose row is gone": (
                "SELECT setval(pg_get_serial_sequence('owners', 'id'), 3)"
            ),
            "a sequence starts again": "ALTER TABLE owners ALTER COLUMN id RESTART",
            "a sequence counts down": f"{_ALTER} id SET INCREMENT -1",
        },
    ),
    *_damages(
        ("columns", "mismatching", '"owners"."id"'),
        {
            "a sequence is at its end": f"{_ALTER} id SET MAXVALUE 9",
            "a sequence goes round": f"{_ALTER} id SET CYCLE",
            "a sequence steps by ten": f"{_ALTER} id SET INCREMENT 10",
        },
    ),
)

VIEWS = (
    *_damages(
        ("views", "missing", '"open_owners"'), {"a view is dropped": "DROP VIEW open_owners"}
    ),
    *_damages(
        ("views", "mismatching", '"open_owners"'),
        {
            "a view selects others": f"{_VIEW}'new'",
            "a view is materialized": (
                "DROP VIEW open_owners",
                "CREATE MATERIALIZED VIEW open_owners AS"
                " SELECT id, name FROM owners WHERE state = 'open'",
            ),
            "a view checks what is written through it": (f"{_VIEW}'open' WITH CHECK OPTION"),
        },
    ),
)

TABLES = (
    *_damages(
        ("columns", "missing", '"visits"'),
        {
            "a table is dropped": "DROP TABLE visits",
            "a table is renamed": 'ALTER TABLE visits RENAME TO "Visits"',
            "a view stands in for a table": (
                "ALTER TABLE visits RENAME TO visits_",
                "CREATE VIEW visits AS SELECT * FROM visits_",
            ),
        },
    ),
    *_damages(
        ("values", "extraneous", '"visits"'),
        {
            "a table inherits from another, and has a row": (
                "CREATE TABLE more () INHERITS (visits)",
                "INSERT INTO more VALUES ('more', 'rows')",
            ),
        },
    ),
    *_damages(
        ("tables", "mismatching", '"visits"'),
        {
            "a table is unlogged": "ALTER TABLE visits SET UNLOGGED",
            "row security is on, without a policy": "ALTER TABLE visits ENABLE ROW LEVEL SECURITY",
        },
    ),
    *_damages(
        ("tables", "extraneous", '"north"'),
        {
            "a policy hides rows": (
                "ALTER TABLE visits ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY north ON visits USING (place = 'north')",
            ),
        },
    ),
    *_damages(
        ("tables", "extraneous", '"swallow"'),
        {
            "a rule swallows what is inserted": (
                "CREATE RULE swallow AS ON INSERT TO visits DO INSTEAD NOTHING"
            ),
        },
    ),
)

DAMAGES: dict[str, tuple[Damage, ...]] = {
    "Indexes": INDEXES,
    "Keys, foreign keys and CHECKs": KEYS,
    "Columns": COLUMNS,
    "Triggers": TRIGGERS,
    "Sequences": SEQUENCES,
    "Views": VIEWS,
    "Tables": TABLES,
}
