"""The forms of a batch of texts, and what is wrong with the dates and times among them.

Everything here works on thousands of values at once: joined, translated, matched and counted by C
code. It must say of a batch what `form_of` says of each value, and a property test holds the two
together.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import compress
from operator import countOf, itemgetter
from re import compile as pattern

from cutover.profile import (
    FORM_CHARACTERS_MAX,
    Form,
    Problem,
    form_of,
    form_of_shape,
    fraction_digits,
    is_date,
    is_datetime,
    is_time,
    shape_of,
)

_SEPARATOR = "\x01"

# A superset of the texts whose form is neither OTHER nor UUID.
_CANDIDATE = pattern(
    "\x01("
    r"(?:[0-9T Z:.+\-eE]{1,40}|(?i:true|false|t|f|yes|no|y|n|on|off))"
    "(?=\x01))"
)
_HEX = "[0-9a-fA-F]"
_UUID = pattern(f"\x01{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}(?=\x01)")
_UUID_CHARACTERS = 36

_SHAPES_SAMPLED = 16
_SHAPES_FEW = 8


@dataclass(slots=True)
class TextTally:
    """Forms and problems of a batch, counted."""

    forms: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    numbers: list[float] = field(default_factory=list)
    """The least and the greatest number among digits of one shape, for each such shape."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A batch of texts, at least one, and all of them joined into one."""

    values: Sequence[str]
    joined: str
    longest: int
    """Characters of the longest."""

    @classmethod
    def of(cls, values: Sequence[str]) -> "Texts":
        """Join a batch once, for everyone who asks."""
        return cls(values, _SEPARATOR.join(values), max(map(len, values)))

    @property
    def separable(self) -> bool:
        """Tell whether no text holds the separator itself."""
        return self.joined.count(_SEPARATOR) == len(self.values) - 1

    def short(self) -> "Texts | None":
        """Return those texts that can have a form at all; None where there are none."""
        if self.longest <= FORM_CHARACTERS_MAX:
            return self
        if min(map(len, self.values)) > FORM_CHARACTERS_MAX:
            return None
        values = [text for text in self.values if len(text) <= FORM_CHARACTERS_MAX]
        return Texts.of(values)

    def encoded_lengths(self) -> tuple[int, int]:
        """Return the bytes of all texts in UTF-8, and of the longest one; surrogates count one."""
        separators = len(self.values) - 1
        if self.joined.isascii():
            return len(self.joined) - separators, self.longest
        encoded = self.joined.encode("utf-8", "surrogateescape")
        if self.separable:
            longest = max(map(len, encoded.split(_SEPARATOR.encode())))
        else:
            longest = max(len(text.encode("utf-8", "surrogateescape")) for text in self.values)
        return len(encoded) - separators, longest


def tally_texts(texts: Texts) -> TextTally:
    """Count the forms of texts, and the problems of dates and times among them."""
    tally = TextTally()
    if short := texts.short():
        for shape, group in _shapes(short, tally):
            form = form_of_shape(shape)
            if form != Form.OTHER:
                tally.forms[form] += len(group)
                _tally_instants(form, shape, group, tally)
                if form in (Form.INTEGER, Form.REAL):
                    numbers = list(map(float, group))
                    tally.numbers += (min(numbers), max(numbers))
    other = len(texts.values) - tally.forms.total()
    if other:
        tally.forms[Form.OTHER] = other
    return tally


def time_problems(text: str) -> frozenset[str]:
    """Return what is wrong with one text that looks like a date or a time; else nothing."""
    return frozenset(tally_texts(Texts.of([text])).problems)


def _shapes(texts: Texts, tally: TextTally) -> Iterable[tuple[str, Sequence[str]]]:
    """Group texts by shape; leaves out what is OTHER, and counts what has no one shape."""
    if not texts.separable:
        return _shapes_one_by_one(texts.values, tally)
    bounded = f"{_SEPARATOR}{texts.joined}{_SEPARATOR}"
    if texts.longest >= _UUID_CHARACTERS and (uuids := len(_UUID.findall(bounded))):
        tally.forms[Form.UUID] += uuids
    # str.translate is quick with ASCII only, and counting shapes where they are few.
    some = set(map(shape_of, texts.values[:_SHAPES_SAMPLED]))
    if texts.joined.isascii() and len(some) <= _SHAPES_FEW:
        return _by_shape(texts.values, texts.joined)
    if empty := texts.values.count(""):
        tally.forms[Form.EMPTY] += empty
    candidates: list[str] = _CANDIDATE.findall(bounded)
    return _by_shape(candidates, _SEPARATOR.join(candidates)) if candidates else ()


def _by_shape(texts: Sequence[str], joined: str) -> Iterable[tuple[str, Sequence[str]]]:
    shapes = shape_of(joined).split(_SEPARATOR)
    counts = Counter(shapes)
    if len(counts) == 1:
        yield shapes[0], texts
        return
    for shape in counts:
        if form_of_shape(shape) is not Form.OTHER:
            yield shape, list(compress(texts, map(shape.__eq__, shapes)))


def _shapes_one_by_one(
    texts: Sequence[str], tally: TextTally
) -> Iterable[tuple[str, Sequence[str]]]:
    for text in texts:
        if form_of(text) == Form.UUID:
            tally.forms[Form.UUID] += 1
        else:
            yield shape_of(text), (text,)


def _tally_instants(form: str, shape: str, texts: Sequence[str], tally: TextTally) -> None:
    parse = _parser_of(form)
    if parse is None:
        return
    absent = _count_absent(parse, form, texts)
    if absent:
        tally.problems[Problem.NO_SUCH_INSTANT] += absent
    digits = fraction_digits(form)
    if digits > 6:
        start = shape.index(".") + 7
        tails = map(itemgetter(slice(start, start + digits - 6)), texts)
        lost = len(texts) - countOf(tails, "0" * (digits - 6))
        if lost:
            tally.problems[Problem.LOST_FRACTION] += lost


def _parser_of(form: str) -> Callable[[str], object] | None:
    if is_datetime(form):
        return datetime.fromisoformat
    if is_date(form):
        return date.fromisoformat
    return time.fromisoformat if is_time(form) else None


def _count_absent(parse: Callable[[str], object], form: str, texts: Sequence[str]) -> int:
    # 24:00 is the next day to PostgreSQL, and to newer versions of Python; here it is no time.
    hour = slice(0, 2) if is_time(form) else slice(11, 13)
    if not _HOUR_24_PARSES or "24" not in map(itemgetter(hour), texts):
        try:
            deque(map(parse, texts), maxlen=0)
        except ValueError:
            pass
        else:
            return 0
    return sum(text[hour] == "24" or not _parses(parse, text) for text in texts)


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


_HOUR_24_PARSES = _parses(datetime.fromisoformat, "2000-01-01T24:00:00")
