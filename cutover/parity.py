"""The commands about schemas as plain functions: a comparison, and a catalog to be kept.

Like those of `commands`, each takes a `Session`, returns a value, and neither prints nor exits.
"""

from contextlib import ExitStack
from functools import partial
from pathlib import Path

from cutover.baseline import explained, read_baseline
from cutover.catalog import Catalog, Provider
from cutover.diff import Sides, merged
from cutover.diff import diff as compare
from cutover.differences import SchemaDiff
from cutover.ends import End, in_order, open_end, open_set
from cutover.errors import UsageError
from cutover.plan import Finding
from cutover.session import Session, target_url
from cutover.set_facts import MigrationSet
from cutover.set_rules import find_breaches
from cutover.targets.postgres.scratch import scratch_database


def diff(
    session: Session, ends: tuple[str, ...], baseline: Path | None, *, rules: bool = True
) -> SchemaDiff:
    """Compare two schemas: two ends, or the configured sets at their heads.

    The `rules` about migration sets are asked of the configured ones.
    """
    settings = session.settings
    if baseline is None and settings.diff.baseline and not ends:
        baseline = settings.path(settings.diff.baseline)
    accepted = read_baseline(baseline) if baseline else ()
    with ExitStack() as stack:
        left, right = in_order(*_ends(session, ends, stack))
        sides = Sides(
            left=left.catalog,
            right=right.catalog,
            settings=settings,
            deparse=right.deparse,
            deparse_view=right.deparse_view,
            selects=(left.select, right.select),
        )
        compared = SchemaDiff(
            left=left.catalog.label,
            right=right.catalog.label,
            comparisons=tuple(compare(sides)),
            findings=_breaches(session) if rules and not ends else (),
        )
        return explained(compared, accepted, settings.waiver)


def snapshot(session: Session, end: str) -> Catalog:
    """Return the catalog of one end, to be kept in a file."""
    with open_end(end, session.settings, partial(target_url, session)) as opened:
        return opened.catalog


def _breaches(session: Session) -> tuple[Finding, ...]:
    """Ask the rules about the configured sets."""
    settings = session.settings
    placed = [(Provider.SQLITE, name) for name in settings.sets.sqlite]
    placed += [(Provider.POSTGRES, settings.sets.postgres or "")]
    sets = [MigrationSet(provider=p, directory=settings.path(name)) for p, name in placed]
    with target_url(session) as url:
        return find_breaches(
            sets,
            scratch=partial(scratch_database, url),
            schema=settings.target.schema_,
            emit=session.emit,
        )


def _ends(session: Session, ends: tuple[str, ...], stack: ExitStack) -> tuple[End, End]:
    settings = session.settings
    server = partial(target_url, session)
    if ends:
        left, right = (stack.enter_context(open_end(end, settings, server)) for end in ends)
        return left, right
    if not settings.sets.sqlite or not settings.sets.postgres:
        raise UsageError(
            "diff without ends compares the configured sets, and the settings don't name both",
            hint="name them in cutover.toml under [sets] sqlite and postgres, or name two ends: "
            "cutover diff set:alembic_sqlite set:alembic_postgres",
        )
    lites = [
        stack.enter_context(open_set(settings.path(name), Provider.SQLITE, settings, server))
        for name in settings.sets.sqlite
    ]
    directory = settings.path(settings.sets.postgres)
    right = stack.enter_context(open_set(directory, Provider.POSTGRES, settings, server))
    sets = tuple(path for end in lites for path in end.sets)
    return End(catalog=merged([end.catalog for end in lites]), sets=sets), right
