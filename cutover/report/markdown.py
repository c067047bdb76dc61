"""A comparison of schemas as Markdown: the comment on a pull request.

GitHub's dialect (https://github.github.com/gfm/#tables-extension-): a cell ends at a bar, also
inside a code span, and a backslash before it can itself be escaped. So a text with a bar, a
backtick or a line break is written as HTML, in character references, and any other as a code span.
The comment begins with a mark by which a workflow finds its own. GitHub takes 65536 characters.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from cutover.differences import Comparison, SchemaDiff, Verdict
from cutover.locate import Location
from cutover.report.notes import About, Locate, accepted_of, beside_differences
from cutover.words import counted

MARK = "<!-- cutover diff -->"
_LENGTH_MAX = 64_000
_ROWS_MAX = 100
_SIDE_MAX = 300
_SPECIAL = "\\`*_{}[]<>|&~#@!"

Row = tuple[str, ...]


def markdown_text(diff: SchemaDiff, locate: Locate) -> str:
    """Return a verdict, a table of what differs with both sides, and what passed, folded away."""
    told = [MARK, f"### cutover diff: {_verdict(diff)}", f"{code(diff.left)} → {code(diff.right)}"]
    told += _differences(diff, locate)
    told += _breaches(diff, locate)
    told += _stale(diff)
    folded = [*_accepted(diff), *_passed(diff)]
    whole = "\n\n".join([*told, *folded]) + "\n"
    return whole if len(whole) <= _LENGTH_MAX else _cut("\n\n".join(told))


def _cut(text: str) -> str:
    """Return a text that fits, cut after a line."""
    kept, end = text[:_LENGTH_MAX], "\n\nThere is more: run `cutover diff`.\n"
    return (kept if kept == text else kept.rpartition("\n")[0]) + end


def _verdict(diff: SchemaDiff) -> str:
    differences = [counted(len(diff.unexplained), "unexplained difference")]
    said = [*(differences if diff.unexplained else []), *beside_differences(diff)]
    return ", ".join(said) or "no unexplained difference"


def _differences(diff: SchemaDiff, locate: Locate) -> list[str]:
    rows = [_difference(each, locate) for each in diff.unexplained]
    return _table(("verdict", "object", "left", "right", "why", "where"), rows)


def _difference(each: Comparison, locate: Locate) -> Row:
    why = ". ".join(filter(None, (each.rule, each.hint)))
    sides = (_side(each.left), _side(each.right))
    return (str(each.verdict), code(each.subject), *sides, plain(why), _where(each, locate))


def _side(text: str) -> str:
    return code(text if len(text) <= _SIDE_MAX else f"{text[:_SIDE_MAX]} …") if text else "—"


def _where(about: About, locate: Locate) -> str:
    place: Location | None = locate(about)
    return code(f"{place.path}:{place.line}") if place else ""


def _breaches(diff: SchemaDiff, locate: Locate) -> list[str]:
    rows = [
        (
            code(each.check),
            code(each.subject),
            plain(". ".join(filter(None, (each.message, each.detail)))),
            plain(each.hint),
            _where(each, locate),
        )
        for each in diff.breaches
    ]
    return _table(("rule", "about", "what is wrong", "what to do", "where"), rows)


def _stale(diff: SchemaDiff) -> list[str]:
    rows = [(code(each.key), plain(each.reason)) for each in diff.stale]
    return _table(("stale entry of the baseline: take it out", "its reason"), rows)


def _accepted(diff: SchemaDiff) -> Iterator[str]:
    rows = [(code(note.key), plain(note.accepted)) for note in accepted_of(diff)]
    if rows:
        yield _folded(f"{len(rows)} accepted by the baseline", _table(("accepted", "reason"), rows))


def _passed(diff: SchemaDiff) -> Iterator[str]:
    passed = [each for each in diff.comparisons if each.verdict.passes]
    if passed:
        rows = list(_by_rule(passed))
        title = f"{len(passed)} passed"
        yield _folded(title, _table(("verdict", "rule", "how many", "which"), rows))


def _by_rule(passed: Sequence[Comparison]) -> Iterator[Row]:
    groups: defaultdict[tuple[Verdict, str], list[str]] = defaultdict(list)
    for each in passed:
        rule = "" if each.verdict is Verdict.EQUAL else each.rule
        groups[each.verdict, rule].append(each.subject)
    for (verdict, rule), subjects in sorted(groups.items()):
        shown = [] if verdict is Verdict.EQUAL else subjects[:5]
        more = ["…"] if shown and len(subjects) > len(shown) else []
        which = ", ".join([*map(code, shown), *more])
        yield str(verdict), plain(rule), str(len(subjects)), which


def _folded(title: str, content: list[str]) -> str:
    inside = "\n\n".join(content)
    return f"<details><summary>{title}</summary>\n\n{inside}\n\n</details>"


def _table(headings: Row, rows: Sequence[Row]) -> list[str]:
    """Return a table as one text; none for no rows, and a line that says what was left out."""
    if not rows:
        return []
    lines = [headings, ("---",) * len(headings), *rows[:_ROWS_MAX]]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    more = len(rows) - _ROWS_MAX
    return [table, f"… and {more} more: run `cutover diff`."] if more > 0 else [table]


def code(text: str) -> str:
    """Return a text as code that fits into a cell.

    >>> code("a_b"), code("a|b")
    ('`a_b`', '<code>a&#124;b</code>')
    """
    if text and not set("|`\r\n\\").intersection(text) and text == text.strip():
        return f"`{text}`"
    return f"<code>{plain(text)}</code>"


def plain(text: str) -> str:
    """Return a text of which nothing is markup; a line break becomes one of HTML's.

    >>> plain("2 * 3 | 4")
    '2 &#42; 3 &#124; 4'
    """
    references = {ord(sign): f"&#{ord(sign)};" for sign in _SPECIAL}
    return "<br>".join(line.translate(references) for line in text.splitlines())
