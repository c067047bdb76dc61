r"""Verify's side of JSON: the document itself, or for json the text.

The documents of a column are parsed as one array, which saves a third of the time; a lone NUL
stands between each two, so that no text can pass for two documents, or two for one.
"""

from collections.abc import Collection, Hashable, Iterator, Sequence

from cutover.abc import ColumnFunction, Meaning, Options
from cutover.coercions._json_document import Document, decoder, document
from cutover.coercions._json_meaning_answers import answered, any_text


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


class Whole(ColumnFunction):
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
        parsed = decoder.decode(f"[{joined}]")
    except RecursionError as error:
        raise ValueError("JSON that is nested too deeply to compare") from error
    if len(parsed) != len(texts) + between or parsed[1::2].count("\0") != between:
        raise ValueError("some text is not one document")
    return list(parsed[::2])


def stored(options: Options) -> Meaning | None:
    """Return what gives the document, for json the text, that a stored value means."""
    of_documents = options["type"] == "jsonb"
    answers = {"empty", "json", "nul"} & options.keys()
    if options["classes"] == "text" and not answers:
        return Whole() if of_documents else None
    meaning = _any_document if of_documents else any_text
    return answered(meaning, options) if answers else meaning


def _any_document(value: object) -> Hashable:
    return document(any_text(value))
