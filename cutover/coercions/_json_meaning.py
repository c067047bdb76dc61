r"""Verify's side of JSON: the document itself.

Two documents are the same with equal keys in any order, of which the last of the same name
counts, equal items in the same order, and numbers that are equal as decimals: 1.10 and 1.1, 1e3
and 1000, but not 0.1 and the double next to it, and never `true` and 1.

Numbers are parsed to their text behind a NUL, which no string of a jsonb document can hold; that
keeps the parser in C and every digit. Only documents that differ so far are compared by the value
of their numbers. The documents of a column are parsed as one array, which saves half of the time;
a lone NUL stands between each two, so that no text can pass for two, or two for one.
"""

import json
import re
from collections.abc import Collection, Hashable, Iterator, Sequence
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation

from cutover.abc import ColumnMeaning, Meaning, Options

_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON")


_marked = "\0".__add__
_decoder = json.JSONDecoder(parse_int=_marked, parse_float=_marked, parse_constant=_no_constant)
_parse = _decoder.raw_decode
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Document:
    """A parsed document; equal to another that is the same."""

    __slots__ = ("parsed",)

    def __init__(self, parsed: object) -> None:
        self.parsed = parsed

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document):
            return NotImplemented
        # Booleans are the only values left that Python might take for another: they are not
        # confused with numbers, because those are text here.
        return self.parsed == other.parsed or repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        """Return the one text of all documents that are the same."""
        try:
            return _encode(_reduced(self.parsed))
        except RecursionError:  # equal to none but what the parser gave alike
            return f"<document {id(self)}, nested too deeply>"


class Documents(Collection[object]):
    """The documents of a column, in the parser's own words until somebody asks for one."""

    __slots__ = ("parsed",)

    def __init__(self, parsed: list[object]) -> None:
        self.parsed = parsed

    def __eq__(self, other: object) -> bool:
        """Tell whether all are spelled alike up to order and blanks; where not, some may differ."""
        return isinstance(other, Documents) and self.parsed == other.parsed

    __hash__ = None  # type: ignore[assignment]  # as of a list

    def __contains__(self, document: object) -> bool:
        return any(document == each for each in self)

    def __len__(self) -> int:
        return len(self.parsed)

    def __iter__(self) -> Iterator[Document | None]:
        return (None if each is _NULL else Document(each) for each in self.parsed)


_NULL = object()
"""SQL's NULL among documents, of which `null` is one."""
_BETWEEN = ',"\\u0000",'


class Whole(ColumnMeaning):
    """What a text means as a document: one, or a column of them at once."""

    def __call__(self, text: str) -> Hashable:
        """Return the document of a JSON text. ValueError where it is none that jsonb can hold."""
        return document(text)

    def column(self, values: Sequence[str | None]) -> Documents:
        """Return the documents of some texts. ValueError where one of them may be none."""
        texts = [text for text in values if text is not None]
        parsed = _parse_all(texts)
        if len(texts) == len(values):
            return Documents(parsed)
        rest = iter(parsed)
        return Documents([_NULL if text is None else next(rest) for text in values])


def _parse_all(texts: list[str]) -> list[object]:
    joined, between = _BETWEEN.join(texts), len(texts) - 1
    if not texts:
        return []
    if joined.count("\\u0000") != between:
        raise ValueError("some text may hold a NUL character")
    try:
        parsed = _decoder.decode(f"[{joined}]")
    except RecursionError as error:
        raise ValueError("JSON that is nested too deeply to compare") from error
    if len(parsed) != len(texts) + between or parsed[1::2].count("\0") != between:
        raise ValueError("some text is not one document")
    return list(parsed[::2])


def stored(options: Options) -> Meaning | None:
    """Return what gives the document, for json the text, that a stored value means."""
    only_text = options["classes"] == "text" and "empty" not in options
    if options["type"] == "jsonb":
        return Whole() if only_text else _or_null(_any_document, nulled="empty" in options)
    return None if only_text else _or_null(_any_text, nulled="empty" in options)


def document(text: str) -> Hashable:
    """Return the document of a JSON text. ValueError where it is none that jsonb can hold."""
    if "\\u0000" in text and _NUL.search(text):
        raise ValueError(f"{text!r:.60} holds a NUL character")
    try:
        parsed, end = _parse(text)
        if end != len(text):
            parsed = _decoder.decode(text)
    except RecursionError as error:
        raise ValueError("JSON that is nested too deeply to compare") from error
    except json.JSONDecodeError:
        parsed = _decoder.decode(text)
    return Document(parsed)


def _or_null(meaning: Meaning, *, nulled: bool) -> Meaning:
    return lambda value: None if nulled and value == "" else meaning(value)


def _any_document(value: object) -> Hashable:
    return document(_any_text(value))


def _any_text(value: object) -> str:
    match value:
        case str():
            return value
        case bytes():
            return str(value, encoding="utf-8")
        case int() | float():
            return json.dumps(value, allow_nan=False)
    raise ValueError(f"{value!r:.60} means no JSON")


def _reduced_number(marked: str) -> str:
    try:
        number = Decimal(marked[1:])
    except InvalidOperation:  # an exponent of twenty digits
        return marked
    return f"\0{number.normalize(_EXACT)}" if number else "\0" + "0"


def _reduced(parsed: object) -> object:
    match parsed:
        case str() if parsed.startswith("\0"):
            return _reduced_number(parsed)
        case dict():
            return {key: _reduced(value) for key, value in parsed.items()}
        case list():
            return [_reduced(value) for value in parsed]
    return parsed
