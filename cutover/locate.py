"""Where an object comes from: the file and the line of the `op.…` or `CREATE …` that made it.

A set is read and not run. Revisions are walked in the order of their graph, so that the last
statement that makes or alters an object is the one that is found. A `.sql` file that a revision
names is read where the revision stands; it is looked for in the folders around the set, and among
several of its name the one whose folders the revision names too.
"""

import ast
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from cutover.dialect.created import created_by, words_of
from cutover.differences import Accepted, Comparison, Verdict
from cutover.literal_lines import line_of
from cutover.operations import Operation, operations_of
from cutover.plan import Finding

_OF_COLUMN = frozenset(
    {"type", "default", "not null", "conflict clause", "identity", "generated column", "generated"}
) | {"collation"}
_ALIKE = frozenset({"unique", "index", "check", "foreign key", "primary key", "trigger"})
"""Kinds that one provider writes as another: a unique index for a unique constraint."""
_KEYS = frozenset({"primary key", "unique", "foreign key"})
"""Kinds that are named by their columns where a comparison has no name for them."""
_VERBS = {
    "create_table": "table",
    "rename_table": "table",
    "add_column": "column",
    "alter_column": "column",
    "create_index": "index",
    "create_unique_constraint": "unique",
    "create_check_constraint": "check",
    "create_foreign_key": "foreign key",
    "create_primary_key": "primary key",
    "create_exclude_constraint": "index",
}
_FOLDERS_UP = 3

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A line of a file; the path is relative to where the locator was told, with slashes."""

    path: str
    line: int = 1


class Locator:
    """An index of sets, in the order in which they are asked: those of the right side first.

    The left is what the application has been running on, and the right is held against what should
    become of that: where both have an object and differ, it is the right that has to change. Which
    revision is newer would be no better guide, as two sets have no order in common. Only what the
    right lacks is shown where the left makes it.

    Paths are told relative to `base`, the current folder; `baseline` is the file of stale entries.
    """

    def __init__(
        self, directories: Sequence[Path], *, base: Path | None = None, baseline: Path | None = None
    ) -> None:
        self._base = (base or Path.cwd()).resolve()
        self._baseline = baseline
        self._sets = {each.resolve(): _Index(each.resolve()) for each in directories}

    def find(self, kind: str, table: str, name: str) -> Location | None:
        """Return where an object is made; else its table; else the first set's env.py.

        None where there is no set.
        """
        return self._find((kind, table, name), tuple(self._sets))

    def of(self, about: Comparison | Finding | Accepted) -> Location | None:
        """Return the place that a difference, a breach or a stale entry of a baseline is about."""
        match about:
            case Comparison():
                order = tuple(self._sets)
                # A default or a NOT NULL is no object: it is missing from a column that is there.
                made_left = about.verdict is Verdict.MISSING and about.kind not in _OF_COLUMN
                key = (about.kind, about.table, about.name)
                return self._find(key, order[::-1] if made_left else order)
            case Accepted():
                return self._entry(about)
        return self._subject(about)

    def _find(self, wanted: Key, order: Sequence[Path]) -> Location | None:
        kind, table, name = wanted
        kind = "column" if kind in _OF_COLUMN else kind
        for keys in _tries(kind, table.lower(), name.lower()):
            for directory in order:
                for key in keys:
                    if (found := self._sets[directory].places.get(key)) is not None:
                        return self._told(found)
        return self._env(next(iter(order), None))

    def _entry(self, stale: Accepted) -> Location | None:
        if self._baseline is None or not self._baseline.exists():
            return self._env(next(iter(self._sets), None))
        lines = self._baseline.read_text(encoding="utf-8").splitlines()
        escaped = stale.key.replace('"', '\\"')
        found = (at for at, line in enumerate(lines, 1) if stale.key in line or escaped in line)
        return self._told((self._baseline.resolve(), next(found, 1)))

    def _subject(self, finding: Finding) -> Location | None:
        """Read `revision "x" of "set"`, `table "t" of "set"` or `set "set"`."""
        words = [token.value for token in words_of(finding.subject)]
        end = f"/{words[-1]}" if words else ""
        names = [path for path in self._sets if end and path.as_posix().endswith(end)]
        directory = next(iter(names), None)
        if directory is None or len(words) < 4:
            return self._env(directory or next(iter(self._sets), None))
        kind, name = words[0], words[1]
        found = self._sets[directory].places.get((kind, "", name.lower()))
        if found is None:
            return self._env(directory)
        line = finding.message.removeprefix("line ").partition(":")[0]
        told = line if finding.message.startswith("line ") and line.isdecimal() else found[1]
        return self._told((found[0], int(told)))

    def _env(self, directory: Path | None) -> Location | None:
        return None if directory is None else self._told((directory / "env.py", 1))

    def _told(self, place: tuple[Path, int]) -> Location:
        path, line = place
        within = path.is_relative_to(self._base)
        return Location(
            path=(path.relative_to(self._base) if within else path).as_posix(), line=line
        )


def _tries(kind: str, table: str, name: str) -> Iterator[tuple[Key, ...]]:
    """Yield the keys to ask for, the best first."""
    yield ((kind, table, name),)
    if kind in _ALIKE:
        yield tuple((other, table, name) for other in sorted(_ALIKE))
    if wanted := name.split(", ", maxsplit=1)[0] if kind in _KEYS else "":
        yield (("column", table, wanted),)
    yield (("table", "", table or name),)


class _Index:
    """Where one set makes what, by kind, table and name in lower case."""

    def __init__(self, directory: Path) -> None:
        self.places: dict[Key, tuple[Path, int]] = {}
        self._directory = directory
        for path, text, tree in _in_order(directory):
            self.places |= {key: (path, line) for key, line in _made(text, tree)}
            for sql in self._files(tree):
                self.places |= dict(_made_by_file(sql))

    def _files(self, tree: ast.Module) -> Iterator[Path]:
        """Yield the SQL files that a revision names."""
        words: set[object] = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
        for name in sorted(str(word) for word in words if str(word).endswith(".sql")):
            if found := self._nearest(Path(name).name, words):
                yield found

    def _nearest(self, name: str, words: set[object]) -> Path | None:
        for folder in (self._directory, *self._directory.parents[:_FOLDERS_UP]):
            found = [*folder.glob(f"*/{name}"), *folder.glob(f"*/*/{name}")]
            if found:
                return max(sorted(found), key=lambda path: len(words.intersection(path.parts)))
        return None


def _in_order(directory: Path) -> list[tuple[Path, str, ast.Module]]:
    """Return the revisions of a set, base first; by name where their graph is broken."""
    read: dict[str, tuple[Path, str, ast.Module]] = {}
    graph: dict[str, set[str]] = {}
    for path in sorted((directory / "versions").rglob("*.py")):
        text = path.read_text(encoding="utf-8", errors="replace")
        try:
            tree = ast.parse(text, path.name)
        except (SyntaxError, ValueError):
            continue
        named = {name: value for node in tree.body for name, value in _assigned(node)}
        for id_ in named.get("revision", ())[:1]:
            read[id_], graph[id_] = (
                (path, text, tree),
                {
                    *named.get("down_revision", ()),
                    *named.get("depends_on", ()),
                },
            )
    try:
        order = [id_ for id_ in TopologicalSorter(graph).static_order() if id_ in read]
    except CycleError:
        order = list(read)
    return [read[id_] for id_ in order]


def _assigned(node: ast.stmt) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield a module variable with its texts: `revision`, `down_revision`."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, _constants(value)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, _constants(value)


def _constants(node: ast.expr) -> tuple[str, ...]:
    found = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
    return tuple(value for value in found if isinstance(value, str))


def _made(text: str, tree: ast.Module) -> Iterator[tuple[Key, int]]:
    """Yield what a revision makes or alters, with its line; and the revision itself."""
    lines = text.splitlines()
    for node in tree.body:
        for name, ids in _assigned(node):
            if name == "revision":
                yield from ((("revision", "", id_.lower()), node.lineno) for id_ in ids)
    for operation in operations_of(tree):
        yield from _made_by_call(operation)
        for sql in operation.sql:
            written = _written(sql, operation.call, tree)
            for each in created_by(sql):
                line = (
                    line_of(text, written, each.position)
                    if written
                    else _line(lines, each.name, operation.call)
                )
                yield (each.kind, each.table.lower(), each.name.lower()), line


def _written(sql: str, call: ast.Call, tree: ast.Module) -> ast.Constant | None:
    """Return where SQL is written out: in its call, or else as a constant of the module."""
    for node in (*ast.walk(call), *ast.walk(tree)):
        if isinstance(node, ast.Constant) and node.value == sql:
            return node
    return None  # put together when the revision runs


def _made_by_call(operation: Operation) -> Iterator[tuple[Key, int]]:
    kind = _VERBS.get(operation.verb)
    if kind is None:
        return
    tables = [table.lower() for table in operation.tables] or [""]
    for table in tables:
        parts = [(part.kind, part.name, part.line) for part in operation.parts]
        named = [(kind, name, operation.line) for name in operation.names]
        for kind_, name, line in named if kind == "column" and not parts else parts:
            yield (kind_, table, name.lower()), line
        if kind not in ("table", "column"):
            yield from (((kind, table, name.lower()), line) for _, name, line in named)
    if kind == "table":
        names = _renamed(operation) or operation.names
        yield from ((("table", "", name.lower()), operation.line) for name in names)


def _renamed(operation: Operation) -> tuple[str, ...]:
    """Return the new name of a table that is renamed."""
    if operation.verb != "rename_table" or len(operation.call.args) < 2:
        return ()
    return _constants(operation.call.args[1])


def _line(lines: Sequence[str], name: str, call: ast.Call) -> int:
    """Return the line of a call, or of a constant that it names, that has a name in it."""
    first: int = call.lineno
    inside = range(first, (call.end_lineno or first) + 1)
    everywhere = range(1, len(lines) + 1)
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for at in itertools.chain(inside, everywhere):
        if word.search(lines[at - 1]) and not lines[at - 1].lstrip().startswith("#"):
            return at
    return first


def _made_by_file(path: Path) -> Iterator[tuple[Key, tuple[Path, int]]]:
    sql = path.read_text(encoding="utf-8", errors="replace")
    for each in created_by(sql):
        line = sql.count("\n", 0, each.position) + 1
        yield (each.kind, each.table.lower(), each.name.lower()), (path, line)
