"""May the role do what a cutover does: make tables, a journal, a scratch database, triggers?

Taking down and putting back keys, indexes and triggers takes the owner of the tables, or a member
of it (https://www.postgresql.org/docs/current/sql-altertable.html).
"""

from collections.abc import Iterator

from cutover.dialect.render import quoted
from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, problem
from cutover.signs import Privileges as Held

NAME = "privileges"


class Privileges:
    """Asks for each privilege; a missing one is a problem with its GRANT."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a problem for each missing privilege, one answer where there is none."""
        if signs.target is None:
            return
        missing = tuple(_missing(signs.target.privileges))
        yield from missing
        if not missing:
            yield ok(TARGET, "CREATE in schema and database, CREATEDB, owner of every table")


def _missing(held: Held) -> Iterator[Remark]:
    role, schema, database = map(quoted, (held.role, held.schema, held.database))
    if not held.schema_exists:
        said = f"schema {schema} is not there"
        yield problem(TARGET, said, f"CREATE SCHEMA {schema} AUTHORIZATION {role}")
    elif not held.create_in_schema:
        said = f"role {role} may not create tables in schema {schema}"
        yield problem(TARGET, said, f"GRANT CREATE, USAGE ON SCHEMA {schema} TO {role}")
    if not held.create_in_database and not held.journal_usable:
        said = f"role {role} may not create the schema of the journal in database {database}"
        yield problem(TARGET, said, f"GRANT CREATE ON DATABASE {database} TO {role}")
    if not held.create_database:
        said = f"role {role} may not create the scratch database that a plan is made with"
        yield problem(TARGET, said, f"ALTER ROLE {role} CREATEDB")
    if held.not_owned:
        first, more = held.not_owned[0].table, len(held.not_owned) - 1
        said = f'role {role} is not of the owner of table "{first}"' + _and(more)
        yield problem(TARGET, said, "; ".join(_owning(held)))
    elif held.no_trigger:
        first, more = held.no_trigger[0], len(held.no_trigger) - 1
        said = f'role {role} may not create triggers on table "{first}"' + _and(more)
        yield problem(TARGET, said, f"GRANT TRIGGER ON ALL TABLES IN SCHEMA {schema} TO {role}")


def _owning(held: Held) -> Iterator[str]:
    """Yield statements that make the role an owner of each table.

    By membership in its owner, but not in a superuser: such a table is given to the role itself.
    """
    owners = dict.fromkeys(each.owner for each in held.not_owned if not each.superuser)
    if owners:
        yield f"GRANT {', '.join(map(quoted, owners))} TO {quoted(held.role)}"
    for each in held.not_owned:
        if each.superuser:
            table = f"{quoted(held.schema)}.{quoted(each.table)}"
            yield f"ALTER TABLE {table} OWNER TO {quoted(held.role)}"


def _and(more: int) -> str:
    return f" and of {more} more" if more else ""


symptoms.register(NAME, Privileges())
