"""Changes to the target that verify passes over, on purpose: the honest half of the table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unseen:
    """A change in words, the statements that make it, and why it is not asked about."""

    name: str
    statements: tuple[str, ...]
    why: str


UNSEEN = (
    Unseen(
        "an extra table",
        ("CREATE TABLE strangers (id bigint)",),
        "the schema may be shared: what the set doesn't make may be someone else's",
    ),
    Unseen("an extra view", ("CREATE VIEW more AS SELECT 1 AS one",), "the same"),
    Unseen(
        "an extra table with a foreign key to one of ours",
        ("CREATE TABLE strangers (id bigint REFERENCES owners)",),
        "the same, though it can refuse a DELETE",
    ),
    Unseen(
        "another table inherits from one of ours, and is empty",
        ("CREATE TABLE more () INHERITS (visits)",),
        "the same; once it has a row, that row is extraneous",
    ),
    Unseen(
        "a privilege is granted or revoked",
        ("GRANT SELECT ON owners TO PUBLIC",),
        "privileges and owners belong to the deployment",
    ),
    Unseen(
        "a comment",
        ("COMMENT ON TABLE owners IS 'other'",),
        "it changes no answer",
    ),
    Unseen(
        "storage parameters, statistics targets, clustering",
        (
            "ALTER TABLE owners SET (fillfactor = 50)",
            "ALTER TABLE owners ALTER COLUMN name SET STATISTICS 500",
        ),
        "they change speed, and no answer",
    ),
    Unseen(
        "a function that no trigger calls",
        (
            "CREATE FUNCTION helper() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE OR REPLACE FUNCTION helper() RETURNS int LANGUAGE sql AS 'SELECT 2'",
        ),
        "only the functions of triggers are compared, not those that they, a CHECK, a default or "
        "an index call in turn",
    ),
    Unseen(
        "a setting of the database or of a role",
        (
            "DO $$ BEGIN EXECUTE format("
            "'ALTER DATABASE %I SET TimeZone = Japan', current_database()); END $$",
        ),
        "it belongs to the deployment; but `session_replication_role` is asked about",
    ),
)
"""Each passes, and a test says so: what verify learns to see has to leave this list."""
