"""What a revision does, read from its text: each `op.…` call, with the line it stands on.

An `execute` on whatever it is called is one too: `op.get_bind().execute(…)` runs the same SQL.

Nothing is run. Names are followed as far as constants go: a module's own, a loop over a tuple of
them, a helper of the same module called with them, an f-string over those. Alembic's operations
are those of https://alembic.sqlalchemy.org/en/latest/ops.html; inside
`with op.batch_alter_table("t") as b` the table is left out of each.
"""

import ast
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

Scope = Mapping[str, tuple[str, ...]]

_OWN_TABLE = frozenset({"create_table", "drop_table", "batch_alter_table", "rename_table"})
"""Operations whose first argument is a table."""
_TABLE_FIRST = frozenset({"add_column", "drop_column", "alter_column"})
_NO_CHANGE = frozenset({"get_bind", "get_context", "f", "inline_literal", "implementation_for"})
_PARTS = {
    "Column": "column",
    "PrimaryKeyConstraint": "primary key",
    "ForeignKeyConstraint": "foreign key",
    "CheckConstraint": "check",
    "UniqueConstraint": "unique",
    "ExcludeConstraint": "index",
    "Index": "index",
}
_KEY_WORDS = {"primary_key": "primary key", "unique": "unique"}
_KEYS = {
    "create_index": ("unique", 2, "columns"),
    "create_unique_constraint": ("unique", 2, "columns"),
    "create_primary_key": ("primary key", 2, "columns"),
    "create_foreign_key": ("foreign key", 3, "local_cols"),
}
"""Where each has its columns; a batch operation leaves the table out, and has them one earlier."""
_HELPERS_DEEP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One object that an operation makes as a part of something: a column, a constraint."""

    kind: str
    name: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call of Alembic's `op`. `tables` and `names` hold more than one inside a loop."""

    verb: str
    function: str
    """`upgrade` or `downgrade`, also where a helper of either has the call."""
    line: int
    """That of its name, where the name is written out; that of the call otherwise."""
    tables: tuple[str, ...]
    names: tuple[str, ...]
    parts: tuple[Made, ...]
    call: ast.Call
    sql: tuple[str, ...]
    """The texts of an `execute`; `x` stands for what is only known when it runs."""
    batch: bool
    autocommit: bool
    """Whether it stands inside `with op.get_context().autocommit_block()`."""

    @property
    def changes(self) -> bool:
        """Tell whether it changes anything: asking for the connection doesn't."""
        return self.verb not in _NO_CHANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the reader is."""

    function: str
    scope: Scope
    constants: Mapping[str, ast.expr]
    """What the module assigns, as it is written."""
    batches: Mapping[str, tuple[str, ...]]
    autocommit: bool = False
    depth: int = 0


def operations_of(tree: ast.Module, function: str = "upgrade") -> Iterator[Operation]:
    """Yield the operations that a revision's upgrade or downgrade reaches, as they stand."""
    yield from _Reader(tree).read(function)


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return a call's keyword argument."""
    return next((k.value for k in call.keywords if k.arg == name), None)


def text_values(node: ast.AST | None, scope: Scope) -> tuple[str, ...]:
    """Return every text an expression may stand for; () where that is known at run time only."""
    match node:
        case ast.Constant(value=str() as text):
            return (text,)
        case ast.Name(id=name):
            return scope.get(name, ())
        case ast.Tuple(elts=members) | ast.List(elts=members) | ast.Set(elts=members):
            return tuple(text for member in members for text in text_values(member, scope))
        case ast.JoinedStr(values=pieces):
            return _joined([text_values(piece, scope) for piece in pieces])
        case ast.FormattedValue(value=value):
            return text_values(value, scope)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([text_values(left, scope), text_values(right, scope)])
        case ast.Call(func=ast.Attribute(attr="f"), args=[first, *_]):
            return text_values(first, scope)
        case ast.Call(func=ast.Name(id="quoted_name"), args=[first, *_]):
            return text_values(first, scope)
    return ()


def _joined(pieces: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple("".join(choice) for choice in itertools.product(*pieces))


def _texts(node: ast.AST, scope: Scope) -> Iterator[str]:
    """Yield the literal texts of an expression, `x` for what an f-string puts between."""
    if found := text_values(node, scope):
        yield from found
    elif isinstance(node, ast.JoinedStr):
        pieces = (getattr(piece, "value", None) for piece in node.values)
        yield "".join(piece if isinstance(piece, str) else "x" for piece in pieces)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _texts(child, scope)


class _Reader:
    def __init__(self, tree: ast.Module) -> None:
        self._functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
        self._op = {"op", *_op_names(tree)}
        self._scope: dict[str, tuple[str, ...]] = {}
        self._constants: dict[str, ast.expr] = {}
        for node in tree.body:
            self._scope |= _assigned(node, self._scope)
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                self._constants |= dict.fromkeys(_assigned(node, {}), node.value)

    def read(self, function: str) -> Iterator[Operation]:
        """Yield what one function of the module reaches."""
        if function in self._functions:
            place = _Place(
                function=function, scope=self._scope, constants=self._constants, batches={}
            )
            yield from self._body(self._functions[function].body, place)

    def _body(self, nodes: list[ast.stmt], place: _Place) -> Iterator[Operation]:
        for node in nodes:
            place = replace(place, scope={**place.scope, **_assigned(node, place.scope)})
            yield from self._node(node, place)

    def _node(self, node: ast.AST, place: _Place) -> Iterator[Operation]:
        match node:
            case ast.With():
                for item in node.items:
                    yield from self._node(item.context_expr, place)
                    place = _inside(item, place)
                yield from self._body(node.body, place)
            case ast.For(target=target, iter=source):
                yield from self._body(node.body, _bound(target, source, place))
            case ast.Call():
                yield from self._call(node, place)
            case _:
                for child in ast.iter_child_nodes(node):
                    yield from self._node(child, place)

    def _call(self, call: ast.Call, place: _Place) -> Iterator[Operation]:
        match call.func:
            case ast.Attribute(value=ast.Name(id=name), attr=verb) if name in self._op:
                yield _operation(call, verb, place)
            case ast.Attribute(value=ast.Name(id=name), attr=verb) if name in place.batches:
                yield _operation(call, verb, place, place.batches[name])
            case ast.Attribute(attr="execute" | "exec_driver_sql"):
                yield _operation(call, "execute", place)
            case ast.Name(id=name) if name in self._functions and place.depth < _HELPERS_DEEP:
                helper = self._functions[name]
                scope = {**place.scope, **_arguments(helper, call, place.scope)}
                inner = replace(place, scope=scope, depth=place.depth + 1)
                yield from self._body(helper.body, inner)
        for child in ast.iter_child_nodes(call):
            yield from self._node(child, place)


def _op_names(tree: ast.Module) -> Iterator[str]:
    """Yield what a module calls Alembic's `op`."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "alembic":
            yield from (each.asname for each in node.names if each.name == "op" and each.asname)


def _assigned(node: ast.AST, scope: Scope) -> dict[str, tuple[str, ...]]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return {name: text_values(value, scope)}
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return {name: text_values(value, scope)}
    return {}


def _arguments(helper: ast.FunctionDef, call: ast.Call, scope: Scope) -> dict[str, tuple[str, ...]]:
    names = [argument.arg for argument in helper.args.args]
    found = {name: text_values(value, scope) for name, value in zip(names, call.args, strict=False)}
    return found | {k.arg: text_values(k.value, scope) for k in call.keywords if k.arg}


def _bound(target: ast.expr, source: ast.expr, place: _Place) -> _Place:
    """Return the place inside a loop: its variable stands for every member."""
    members = _members(source, place.constants)
    found: dict[str, tuple[str, ...]] = {}
    if isinstance(target, ast.Name):
        found[target.id] = _texts_of(members, place.scope)
    elif isinstance(target, ast.Tuple):
        rows = [m.elts for m in members if isinstance(m, (ast.Tuple, ast.List))]
        for at, name in enumerate(target.elts):
            if isinstance(name, ast.Name):
                column = [row[at] for row in rows if at < len(row)]
                found[name.id] = _texts_of(column, place.scope)
    return replace(place, scope={**place.scope, **found})


def _texts_of(nodes: Sequence[ast.expr], scope: Scope) -> tuple[str, ...]:
    return tuple(text for node in nodes for text in text_values(node, scope))


def _members(source: ast.expr, constants: Mapping[str, ast.expr]) -> list[ast.expr]:
    """Return what a loop goes over, as it is written: a tuple, a dictionary's items or keys."""
    match source:
        case ast.Name(id=name) if name in constants:
            return _members(constants[name], {})
        case ast.Tuple(elts=members) | ast.List(elts=members) | ast.Set(elts=members):
            return members
        case ast.Dict(keys=keys):
            return [key for key in keys if key is not None]
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="items")):
            held = constants.get(name)
            if isinstance(held, ast.Dict):
                pairs = zip(held.keys, held.values, strict=True)
                return [ast.Tuple(elts=[key, value]) for key, value in pairs if key is not None]
    return []


def _inside(item: ast.withitem, place: _Place) -> _Place:
    match item:
        case ast.withitem(
            context_expr=ast.Call(func=ast.Attribute(attr="batch_alter_table")) as call,
            optional_vars=ast.Name(id=name),
        ):
            tables = text_values(_argument(call, 0, "table_name"), place.scope)
            return replace(place, batches={**place.batches, name: tables})
        case ast.withitem(context_expr=ast.Call(func=ast.Attribute(attr="autocommit_block"))):
            return replace(place, autocommit=True)
    return place


def _argument(call: ast.Call, at: int, name: str) -> ast.expr | None:
    return call.args[at] if at < len(call.args) else keyword(call, name)


def _operation(
    call: ast.Call, verb: str, place: _Place, batch: tuple[str, ...] | None = None
) -> Operation:
    name, table = _name_and_table(call, verb, in_batch=batch is not None)
    key = _key_of(call, verb, place.scope, in_batch=batch is not None)
    parts = (*_parts(call, place.scope), *key)
    names = text_values(name, place.scope)
    if verb == "add_column":
        names = tuple(part.name for part in parts if part.kind == "column")
    return Operation(
        verb=verb,
        function=place.function,
        line=name.lineno if isinstance(name, (ast.Constant, ast.JoinedStr)) else call.lineno,
        tables=text_values(table, place.scope) if batch is None else batch,
        names=names,
        parts=parts,
        call=call,
        sql=tuple(_texts(call, place.scope)) if verb == "execute" else (),
        batch=batch is not None,
        autocommit=place.autocommit,
    )


def _name_and_table(
    call: ast.Call, verb: str, *, in_batch: bool
) -> tuple[ast.expr | None, ast.expr | None]:
    """Return where a call names its object, and its table."""
    if verb in _OWN_TABLE:
        table = _argument(call, 0, "table_name")
        return table, table
    if verb in _TABLE_FIRST:
        return _argument(call, 0 if in_batch else 1, "column_name"), _argument(
            call, 0, "table_name"
        )
    name = call.args[0] if call.args else _named(call)
    owner = call.args[1] if len(call.args) > 1 else None
    return name, owner or keyword(call, "table_name") or keyword(call, "source_table")


def _named(call: ast.Call) -> ast.expr | None:
    return keyword(call, "constraint_name") or keyword(call, "index_name")


def _parts(call: ast.Call, scope: Scope) -> Iterator[Made]:
    """Yield the columns and constraints that stand among a call's arguments."""
    for node in itertools.chain(*(ast.walk(argument) for argument in call.args)):
        if isinstance(node, ast.Call) and (kind := _PARTS.get(_class_of(node))):
            first = kind in ("column", "index")
            named = _argument(node, 0, "name") if first else keyword(node, "name")
            line = named.lineno if isinstance(named, ast.Constant) else node.lineno
            for name in text_values(named, scope):
                yield Made(kind=kind, name=name, line=line)
            yield from _by_columns(kind, node, line, scope)


def _class_of(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _by_columns(kind: str, node: ast.Call, line: int, scope: Scope) -> Iterator[Made]:
    """Yield a key by its columns, which is what it is known by where it has no name."""
    if kind in ("primary key", "unique", "foreign key"):
        listed = node.args[:1] if kind == "foreign key" else node.args
        columns = _texts_of(listed, scope)
        yield from [Made(kind=kind, name=", ".join(columns), line=line)] if columns else []
    elif kind == "column":
        kinds = [k for word, k in _KEY_WORDS.items() if _is_true(keyword(node, word))]
        inside = (_class_of(n) for n in ast.walk(node) if isinstance(n, ast.Call))
        kinds += ["foreign key"] if "ForeignKey" in inside else []
        for name in text_values(_argument(node, 0, "name"), scope):
            yield from (Made(kind=each, name=name, line=line) for each in kinds)


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _key_of(call: ast.Call, verb: str, scope: Scope, *, in_batch: bool) -> Iterator[Made]:
    """Yield the key that an operation of its own makes, by its columns."""
    if verb not in _KEYS or (verb == "create_index" and not _is_true(keyword(call, "unique"))):
        return
    kind, at, word = _KEYS[verb]
    columns = text_values(_argument(call, at - in_batch, word), scope)
    yield from [Made(kind=kind, name=", ".join(columns), line=call.lineno)] if columns else []
