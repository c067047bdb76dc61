"""The rules for functions, patterns and CASE: what each becomes, or why it becomes nothing.

SQLite's lower, upper and LIKE fold ASCII letters only (https://sqlite.org/lang_corefunc.html), so
they are written with COLLATE "C", under which PostgreSQL does the same. LIKE has no escape
character unless it names one; PostgreSQL's default is the backslash. A GLOB is a regular
expression without anchors to spell. Functions of the clock are never immutable, and two-argument
min and max return NULL for a NULL where least and greatest pass over it.
"""

import re
from collections.abc import Sequence

from sqlglot import exp

from cutover.dialect.operators import align, comparison, folded, folds
from cutover.dialect.render import (
    NUMBERS,
    TRUE,
    Family,
    Level,
    Piece,
    Renderer,
    Rule,
    Untranslatable,
    Use,
    as_condition,
    as_number,
    as_text,
    string,
)

_LETTERS = re.compile("[A-Za-z]")
_REGEX_SPECIAL = frozenset("\\^$.|?*+()[]{}")


def _length(renderer: Renderer, node: exp.Length) -> Piece:
    """Count characters, or bytes of a blob. SQLite's stops at a NUL, which no text here holds."""
    piece = renderer.inner(node.this)
    if piece.family is not Family.BYTEA:
        piece = as_text(piece)
    return Piece(f"length({piece.sql})", Family.INTEGER)


_ASCII_ONLY = "lower() and upper() change ASCII letters only, as in SQLite"


def _lower(renderer: Renderer, node: exp.Lower) -> Piece:
    renderer.remarks.add(_ASCII_ONLY)
    return folded(as_text(renderer.inner(node.this)))


def _upper(renderer: Renderer, node: exp.Upper) -> Piece:
    renderer.remarks.add(_ASCII_ONLY)
    text = as_text(renderer.inner(node.this))
    return Piece(f'upper({text.atom} COLLATE "C")', Family.TEXT)


_TRIMS = {"": "btrim", "BOTH": "btrim", "LEADING": "ltrim", "TRAILING": "rtrim"}


def _trim(renderer: Renderer, node: exp.Trim) -> Piece:
    name = _TRIMS[str(node.args.get("position") or "").upper()]
    given = [node.this, node.expression] if node.args.get("expression") else [node.this]
    return _call(name, [as_text(renderer.inner(argument)) for argument in given])


def _replace(renderer: Renderer, node: exp.Replace) -> Piece:
    given = (node.this, node.expression, node.args["replacement"])
    return _call("replace", [as_text(renderer.inner(argument)) for argument in given])


def _call(name: str, arguments: Sequence[Piece], family: Family = Family.TEXT) -> Piece:
    return Piece(f"{name}({', '.join(argument.sql for argument in arguments)})", family)


def _substring(renderer: Renderer, node: exp.Substring) -> Piece:
    text = as_text(renderer.inner(node.this))
    start = renderer.inner(node.args["start"]).literal
    length = node.args.get("length")
    if start is None or not re.fullmatch(r"-?[1-9]\d*", start):
        raise Untranslatable("substr with a start that is not a number has no counterpart")
    if start.startswith("-"):
        if length is not None:
            raise Untranslatable("substr from the end, with a length, has no counterpart")
        return Piece(f"right({text.sql}, {start[1:]})", Family.TEXT)
    if length is None:
        return Piece(f"substr({text.sql}, {start})", Family.TEXT)
    count = renderer.inner(length).literal
    if count is None or not count.isdigit():
        raise Untranslatable("substr with a length that is not a number has no counterpart")
    return Piece(f"substr({text.sql}, {start}, {count})", Family.TEXT)


def _position(renderer: Renderer, node: exp.StrPosition) -> Piece:
    given = [as_text(renderer.inner(side)) for side in (node.this, node.args["substr"])]
    return _call("strpos", given, Family.INTEGER)


def _abs(renderer: Renderer, node: exp.Abs) -> Piece:
    piece = as_number(renderer.inner(node.this))
    return Piece(f"abs({piece.sql})", piece.family)


def _round(renderer: Renderer, node: exp.Round) -> Piece:
    piece = renderer.inner(node.this)
    if piece.family is not Family.NUMERIC:
        raise Untranslatable("round() of a float rounds halves another way in PostgreSQL")
    places = node.args.get("decimals")
    digits = renderer.inner(places).literal if places is not None else "0"
    if digits is None or not digits.isdigit():
        raise Untranslatable("round() to a computed number of digits has no counterpart")
    return Piece(f"round({piece.sql}, {digits})", Family.NUMERIC)


def _cast(renderer: Renderer, node: exp.Cast) -> Piece:
    piece, declared = renderer.inner(node.this), node.to.sql("sqlite").upper()
    if "INT" in declared:
        return _to_integer(as_number(piece))
    if any(word in declared for word in ("CHAR", "CLOB", "TEXT")):
        return as_text(piece)
    if any(word in declared for word in ("REAL", "FLOA", "DOUB")):
        return Piece(f"{as_number(piece).atom}::double precision", Family.FLOAT)
    if piece.family in NUMBERS:  # NUMERIC leaves a number as it is
        return piece
    raise Untranslatable(f"a cast of {piece.family} to {declared} has no counterpart")


def _to_integer(piece: Piece) -> Piece:
    if piece.family is Family.INTEGER:
        return piece
    return Piece(f"trunc({piece.sql})::bigint", Family.INTEGER)  # PostgreSQL's cast rounds


def _coalesce(renderer: Renderer, node: exp.Coalesce) -> Piece:
    pieces = _unified([renderer.inner(side) for side in (node.this, *node.expressions)])
    return _call("coalesce", pieces, _family(pieces))


def _nullif(renderer: Renderer, node: exp.Nullif) -> Piece:
    pieces = align(renderer.inner(node.this), renderer.inner(node.expression))
    if folds(*pieces):
        raise Untranslatable("nullif() under NOCASE has no counterpart")
    return _call("nullif", pieces, _family(pieces))


def _hex(renderer: Renderer, node: exp.Hex | exp.LowerHex) -> Piece:
    piece = renderer.inner(node.this)
    if piece.family is not Family.BYTEA:
        raise Untranslatable("hex() of a text depends on the server's encoding")
    # hex(NULL) is the empty text: https://sqlite.org/lang_corefunc.html#hex
    return Piece(f"coalesce(upper(encode({piece.sql}, 'hex')), '')", Family.TEXT)


def _case(renderer: Renderer, node: exp.Case) -> Piece:
    subject = renderer.inner(node.this) if node.this is not None else None
    conditions = [_when(renderer, subject, branch.this) for branch in node.args["ifs"]]
    values = [renderer.inner(branch.args["true"]) for branch in node.args["ifs"]]
    if node.args.get("default") is not None:
        values.append(renderer.inner(node.args["default"]))
    return _case_of(conditions, _unified(values))


def _when(renderer: Renderer, subject: Piece | None, node: exp.Expr) -> Piece:
    if subject is None:
        return renderer.condition(node, inner=True)
    return comparison(subject, "=", renderer.inner(node))


def _if(renderer: Renderer, node: exp.If) -> Piece:
    branches = [node.args["true"], node.args.get("false")]
    values = [renderer.inner(branch) for branch in branches if branch is not None]
    return _case_of([renderer.condition(node.this, inner=True)], _unified(values))


def _case_of(conditions: Sequence[Piece], values: Sequence[Piece]) -> Piece:
    whens = [
        f"WHEN {condition.sql} THEN {value.sql}"
        for condition, value in zip(conditions, values, strict=False)
    ]
    otherwise = [f"ELSE {values[-1].sql}"] if len(values) > len(conditions) else []
    return Piece(f"CASE {' '.join(whens + otherwise)} END", _family(values))


def _unified(pieces: Sequence[Piece]) -> list[Piece]:
    families = {piece.family for piece in pieces} - {Family.NULL}
    if families <= {Family.BOOLEAN, Family.INTEGER} and len(families) > 1:
        return _flags(pieces)
    if len(families) > 1 and not families <= NUMBERS:
        raise Untranslatable(f"{', '.join(sorted(families))} have no common type")
    return list(pieces)


def _flags(pieces: Sequence[Piece]) -> list[Piece]:
    if any(piece.literal not in (None, "0", "1") for piece in pieces):
        return [as_number(piece) for piece in pieces]
    constants_only = all(p.family is Family.BOOLEAN or p.literal is not None for p in pieces)
    return [as_condition(piece) if constants_only else as_number(piece) for piece in pieces]


def _family(pieces: Sequence[Piece]) -> Family:
    families = {piece.family for piece in pieces} - {Family.NULL}
    for wide in (Family.NUMERIC, Family.FLOAT):
        if wide in families:
            return wide
    return next(iter(families), Family.NULL)


def _like(renderer: Renderer, node: exp.Like, escape: str = "") -> Piece:
    text, pattern = as_text(renderer.inner(node.this)), renderer.inner(node.expression)
    if pattern.literal is None or _LETTERS.search(escape):
        raise Untranslatable("LIKE with a computed pattern has no counterpart")
    if _LETTERS.search(pattern.literal):
        renderer.remarks.add("LIKE ignores the case of ASCII letters, as in SQLite")
        text, pattern = folded(text), folded(pattern)
    word = "NOT LIKE" if node.args.get("negate") else "LIKE"
    needed = escape or "\\" in (pattern.literal or "")
    suffix = f" ESCAPE {string(escape)}" if needed else ""
    sql = f"{text.within(Level.OTHER)} {word} {pattern.sql}{suffix}"
    return Piece(sql, Family.BOOLEAN, Level.COMPARE)


def _escape(renderer: Renderer, node: exp.Escape) -> Piece:
    if not isinstance(node.this, exp.Like):
        raise Untranslatable("ESCAPE stands after LIKE only")
    return _like(renderer, node.this, escape=node.expression.name)


def _glob(renderer: Renderer, node: exp.Glob) -> Piece:
    text, pattern = as_text(renderer.inner(node.this)), renderer.inner(node.expression).literal
    if pattern is None:
        raise Untranslatable("GLOB with a computed pattern has no counterpart")
    renderer.remarks.add("GLOB is written as a regular expression")
    sql = f"{text.within(Level.ADD)} ~ {string(regex_of_glob(pattern))}"
    return Piece(sql, Family.BOOLEAN, Level.OTHER)


def regex_of_glob(pattern: str) -> str:
    r"""Return a GLOB as a regular expression: `A*` gives `^A`, `?[^0-9]` gives `^.[^0-9]$`.

    Untranslatable for a bracket that holds more than plain characters and ranges.
    """
    body, end = pattern.rstrip("*"), "" if pattern.endswith("*") else "$"
    parts = re.findall(r"\[\^?\]?[^\]]*\]|.", body, re.DOTALL)
    return f"^{''.join(_glob_part(part) for part in parts)}{end}"


def _glob_part(part: str) -> str:
    if len(part) > 1:
        if set(part[2:-1]) & set("[]\\") or part[1] in "[]\\":
            raise Untranslatable(f"GLOB's {part} has no counterpart")
        return part
    if part in ("*", "?"):
        return ".*" if part == "*" else "."
    if part == "[":
        raise Untranslatable("GLOB with an open bracket has no counterpart")
    return f"\\{part}" if part in _REGEX_SPECIAL else part


def _json_text(renderer: Renderer, node: exp.JSONExtractScalar) -> Piece:
    piece, path = renderer.inner(node.this), node.expression
    if piece.family not in (Family.JSONB, Family.JSON, Family.TEXT):
        raise Untranslatable(f"{piece.sql} is {piece.family}, not JSON")
    if not isinstance(path, exp.JSONPath):
        raise Untranslatable("a computed JSON path has no counterpart")
    renderer.remarks.add("json_extract() gives text for every value, numbers too")
    document = piece.atom if piece.family is not Family.TEXT else f"{piece.atom}::jsonb"
    steps = ",".join(_json_step(step) for step in path.expressions[1:])
    return Piece(f"({document} #>> {string('{' + steps + '}')})", Family.TEXT)


def _json_step(step: exp.Expr) -> str:
    name = str(step.this)
    plain = isinstance(step, (exp.JSONPathKey, exp.JSONPathSubscript))
    if not plain or not re.fullmatch(r"\w+", name):
        raise Untranslatable(f"the JSON path step {step.sql()} has no counterpart")
    return name


_BY_UTC = "days, months and years are those of UTC"


def _date(renderer: Renderer, node: exp.Date) -> Piece:
    piece = renderer.inner(node.this) if node.this is not None else None
    if piece is None or piece.family not in (Family.DATE, Family.TIMESTAMPTZ, Family.TIMESTAMP):
        raise Untranslatable("date() of what is not a date in the target is not immutable")
    if piece.family is Family.DATE:
        return piece
    renderer.remarks.add(_BY_UTC)
    instant = _in_utc(piece)
    return Piece(f"({instant})::date", Family.DATE)


def _in_utc(piece: Piece) -> str:
    zoned = piece.family is Family.TIMESTAMPTZ
    return f"{piece.atom} AT TIME ZONE 'UTC'" if zoned else piece.sql


_FIELDS = {"%Y": "year", "%m": "month", "%d": "day", "%H": "hour", "%M": "minute"}


def _strftime(renderer: Renderer, node: exp.TimeToStr) -> Piece:
    piece = renderer.inner(node.this.this)
    field = _FIELDS.get(node.args["format"].name)
    if field is None or piece.family not in (Family.TIMESTAMPTZ, Family.TIMESTAMP):
        raise Untranslatable("strftime() has no immutable counterpart")
    renderer.remarks.add(f"{_BY_UTC}; strftime() gave text, and this a number")
    return Piece(f"extract({field} from {_in_utc(piece)})", Family.NUMERIC)


def _anonymous(renderer: Renderer, node: exp.Anonymous) -> Piece:
    name = str(node.this).lower()
    if name != "json_valid" or len(node.expressions) != 1:
        raise Untranslatable(f"{name}() has no counterpart")
    piece = renderer.inner(node.expressions[0])
    # json_valid(NULL) is 0 before SQLite 3.45 and NULL since, so only CHECK and FILTER have a use
    if piece.family in (Family.JSON, Family.JSONB) and renderer.use is Use.CHECK:
        renderer.remarks.add(
            "whether NULL may come in, NOT NULL says: json_valid(NULL) is 0 or NULL"
        )
        return TRUE
    if piece.family in (Family.JSON, Family.JSONB) and renderer.use is Use.FILTER:
        return Piece(f"{piece.sql} IS NOT NULL", Family.BOOLEAN, Level.COMPARE)
    why = "json_valid() has no counterpart; the type jsonb would see to it"
    raise Untranslatable(f"{piece.sql} is {piece.family}, and {why}")


_REASONS: dict[type[exp.Expr], str] = {
    exp.Least: "min() of two gives NULL for a NULL, where least() passes over it",
    exp.Greatest: "max() of two gives NULL for a NULL, where greatest() passes over it",
    exp.RegexpLike: "REGEXP is a function of the application's own",
    exp.Match: "MATCH belongs to a virtual table's module",
    exp.Exists: "a subquery has no counterpart here",
    exp.Subquery: "a subquery has no counterpart here",
    exp.Rand: "random() is not immutable",
    exp.CurrentTimestamp: "the clock is not immutable",
    exp.CurrentDate: "the clock is not immutable",
    exp.CurrentTime: "the clock is not immutable",
}


def _refuse(_renderer: Renderer, node: exp.Expr) -> Piece:
    raise Untranslatable(_REASONS[type(node)])


RULES: dict[type[exp.Expr], Rule] = {
    **dict.fromkeys(_REASONS, _refuse),
    exp.Length: _length,
    exp.Lower: _lower,
    exp.Upper: _upper,
    exp.Trim: _trim,
    exp.Replace: _replace,
    exp.Substring: _substring,
    exp.StrPosition: _position,
    exp.Abs: _abs,
    exp.Round: _round,
    exp.Cast: _cast,
    exp.Coalesce: _coalesce,
    exp.Nullif: _nullif,
    exp.Hex: _hex,
    exp.Case: _case,
    exp.If: _if,
    exp.Like: _like,
    exp.Escape: _escape,
    exp.Glob: _glob,
    exp.JSONExtractScalar: _json_text,
    exp.Date: _date,
    exp.TimeToStr: _strftime,
    exp.Anonymous: _anonymous,
}
