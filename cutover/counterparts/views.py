"""Views: translated, written by the server, and compared with what it has.

Two dialects write a view differently, so without a server views are the same by name only, and that
is for a person to say.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cutover.catalog import Catalog, View
from cutover.counterparts.triggers import by_name, lost
from cutover.dialect.views import Opaque, Spellings, translate_view
from cutover.differences import Comparison, Verdict

DeparseView = Callable[[str], str | None]
"""Returns a SELECT as the server writes it in a view; None where it refuses it, or is not there."""


def no_view_server(_select: str) -> str | None:
    """Answer for a server that is not at hand."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPair:
    """Two catalogs whose views are compared, and how names are carried between the two."""

    source: Catalog
    target: Catalog
    table_name: Callable[[str], str]
    column_name: Callable[[str], str] = str
    deparse: DeparseView = no_view_server

    @property
    def alike(self) -> bool:
        """Tell whether both are of one provider."""
        return self.source.provider == self.target.provider


def compare_views(pair: ViewPair) -> Iterator[Comparison]:
    """Compare the views of two catalogs, and the triggers that make some of them writable."""
    theirs = {view.name: view for view in pair.target.views}
    for view in pair.source.views:
        other = theirs.pop(pair.table_name(view.name), None)
        yield _view(pair, view, other)
        for trigger in view.triggers:
            yield by_name(view.name, trigger, other.triggers if other else ())
    for name, view in sorted(theirs.items()):
        rule = "only the right has it"
        right = view.definition
        yield Comparison(kind="view", name=name, verdict=Verdict.EXTRA, rule=rule, right=right)


def _view(pair: ViewPair, view: View, other: View | None) -> Comparison:
    verdict, rule = _judge(pair, view, other)
    return Comparison(
        kind="view",
        name=view.name,
        verdict=verdict,
        rule=rule,
        left=view.definition,
        right=other.definition if other else "",
    )


def _judge(pair: ViewPair, view: View, other: View | None) -> tuple[Verdict, str]:
    if other is None:
        return Verdict.MISSING, lost("the target has no such view", view.definition)
    if pair.alike:
        same = view.definition.split() == other.definition.split()
        return (Verdict.EQUAL, "") if same else (Verdict.LOOSENED, "it selects something else")
    try:
        translated = translate_view(view.definition, _spellings(pair))
    except Opaque as opaque:
        return Verdict.UNKNOWN, f"by name: {opaque}"
    written = pair.deparse(translated)
    if written is None:
        return Verdict.UNKNOWN, "by name"
    if written.split() == other.definition.split():
        return Verdict.EQUIVALENT, "the server writes both alike"
    return Verdict.UNKNOWN, "by name: the server writes its translation otherwise"


def _spellings(pair: ViewPair) -> Spellings:
    known = [table.name for table in pair.source.tables]
    known += [view.name for view in pair.source.views]
    columns = [column.name for table in pair.source.tables for column in table.columns]
    target = [column for table in pair.target.tables for column in table.columns]
    flags = {column.name for column in target if column.type == "boolean"}
    flags -= {column.name for column in target if column.type != "boolean"}
    return Spellings(
        {name.lower(): pair.table_name(name) for name in known},
        {name.lower(): pair.column_name(name) for name in columns},
        flags,
        texts={column.name for column in target if column.type == "text"},
        collated={
            pair.column_name(c.name) for t in pair.source.tables for c in t.columns if c.collation
        },
    )
