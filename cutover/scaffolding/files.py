"""Files of a scaffold, by their path: two Alembic sets, trigger files, and `cutover.toml`."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import PurePosixPath

from cutover.catalog import Catalog, Table, TableKind
from cutover.dialect.names import Namespace
from cutover.dialect.render import quoted
from cutover.scaffolding import revision
from cutover.scaffolding.model import NewSchema, NewTrigger
from cutover.scaffolding.python_text import block, call, literal
from cutover.scaffolding.triggers import TRIGGERS, file_stem, undo

POSTGRES_SET, SQLITE_SETS = "alembic_postgres", "alembic_sqlite"
_INI = "[alembic]\nscript_location = %(here)s\n"


def template(name: str) -> str:
    """Return the text of one of the templates."""
    return files("cutover.scaffolding").joinpath("templates", f"{name}.txt").read_text("utf-8")


def set_files(folder: str, provider: str, revisions: Mapping[str, str]) -> dict[str, str]:
    """Return an Alembic set: its environment and its revisions, by path."""
    return {
        f"{folder}/alembic.ini": _INI,
        f"{folder}/env.py": template(f"env_{provider}.py"),
        f"{folder}/script.py.mako": template("script.py.mako"),
        **{f"{folder}/versions/{name}.py": text for name, text in revisions.items()},
    }


def postgres_files(schema: NewSchema, labels: Sequence[str]) -> dict[str, str]:
    """Return the PostgreSQL set, its trigger files, and the proposals beside them."""
    title = f"Baseline: what {' and '.join(labels)} hold{'s' if len(labels) == 1 else ''}."
    revisions = {"0001_baseline": revision.baseline(schema, title=title, revision="0001_baseline")}
    made = [trigger for table in schema.tables for trigger in table.triggers]
    names = trigger_file_names([trigger.names[-1] for trigger in made])
    trigger_files = {
        f"{TRIGGERS}/postgres/{name}": _trigger_text(trigger)
        for name, trigger in zip(names, made, strict=True)
    }
    if made:
        down = [statement for trigger in reversed(made) for statement in undo(trigger)]
        revisions["0002_triggers"] = revision.triggers(
            (f"{TRIGGERS}/postgres", names, down), revision="0002_triggers", down="0001_baseline"
        )
    if schema.views:
        last = list(revisions)[-1]
        name = f"{len(revisions) + 1:04}_views"
        revisions[name] = revision.views(schema, revision=name, down=last)
    proposed = {proposal.file: proposal.text for proposal in schema.proposals}
    return set_files(POSTGRES_SET, "postgres", revisions) | trigger_files | proposed


def trigger_file_names(triggers: Sequence[str]) -> list[str]:
    """Return a file name for each trigger, distinct on any file system."""
    names = Namespace()
    return [names.take(file_stem(trigger)) + ".sql" for trigger in triggers]


def _trigger_text(trigger: NewTrigger) -> str:
    return ";\n\n".join(trigger.sql) + ";\n"


def sqlite_files(sources: Mapping[str, Catalog]) -> dict[str, str]:
    """Return one set for each source, its statements as the file itself holds them."""
    written: dict[str, str] = {}
    for label, folder in sqlite_folders(tuple(sources)).items():
        written |= _sqlite_set(sources[label], label, folder)
    return written


def sqlite_folders(labels: Sequence[str]) -> dict[str, str]:
    """Return the folder of each source's set: `alembic_sqlite/app` for `app.db`."""
    names = Namespace()
    stems = {label: file_stem(PurePosixPath(label).stem) or "source" for label in labels}
    return {label: f"{SQLITE_SETS}/{names.take(stem)}" for label, stem in stems.items()}


def _sqlite_set(catalog: Catalog, label: str, folder: str) -> dict[str, str]:
    stem = PurePosixPath(folder).name
    triggers = [(t.name, t.definition) for table in catalog.tables for t in table.triggers]
    triggers += [(t.name, t.definition) for view in catalog.views for t in view.triggers]
    names = trigger_file_names([name for name, _ in triggers])
    where = f"{TRIGGERS}/sqlite/{stem}"
    revisions = {"0001_baseline": _sqlite_baseline(catalog, label)}
    if triggers:
        down = [f"DROP TRIGGER {quoted(name)}" for name, _ in reversed(triggers)]
        revisions["0002_triggers"] = revision.triggers(
            (where, names, down), revision="0002_triggers", down="0001_baseline", depth=3
        )
    return set_files(folder, "sqlite", revisions) | {
        f"{where}/{name}": f"{definition}\n"
        for name, (_, definition) in zip(names, triggers, strict=True)
    }


def _sqlite_baseline(catalog: Catalog, label: str) -> str:
    made = (TableKind.TABLE, TableKind.VIRTUAL)
    tables = [table for table in catalog.tables if table.kind in made and table.definition]
    statements = [text for table in tables for text in _definitions(table)]
    statements += [f"CREATE VIEW {quoted(v.name)} AS {v.definition}" for v in catalog.views]
    down = [f"DROP VIEW {quoted(view.name)}" for view in reversed(catalog.views)]
    down += [f"DROP TABLE {quoted(table.name)}" for table in reversed(tables)]
    title = f"Baseline: the schema of {label}, as it stands."
    upgrade = [call("run", [block(text)], indent=4) for text in statements]
    downgrade = [call("run", [literal(text)], indent=4) for text in down]
    top = revision.header(title, "0001_baseline", None)
    return top + revision.RUN + revision.functions(upgrade, downgrade)


def _definitions(table: Table) -> Iterator[str]:
    yield table.definition
    yield from (index.definition for index in table.indexes if index.definition)
