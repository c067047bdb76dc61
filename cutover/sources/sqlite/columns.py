"""Gathers the profile of one column, a batch of values at a time.

SQLite hands back Python objects whose type is the storage class, so a batch is first asked for its
set of types, and each group of one type is then counted by C code. Samples cost a Python loop, and
are only looked for while a class, form or problem has fewer than three.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from types import NoneType
from typing import Any

from cutover.abc import Group, Probe
from cutover.profile import ColumnProfile, Problem, form_of
from cutover.sources.sqlite.jsons import JsonScanner
from cutover.sources.sqlite.samples import Batch, Tallies
from cutover.sources.sqlite.texts import Texts, tally_texts, time_problems

_CLASSES: Mapping[type, str] = {
    NoneType: "null",
    int: "integer",
    float: "real",
    str: "text",
    bytes: "blob",
}
_INT8_END = 2.0**63


class ColumnScan:
    """What is known of one column so far; `json` is None where JSON is not asked for."""

    def __init__(self, name: str, json: JsonScanner | None, probe: Probe | None = None) -> None:
        self.name = name
        self._json = json
        self._probe = probe
        self._classes = Tallies()
        self._forms = Tallies()
        self._problems = Tallies()
        self._questions = Tallies()
        self._integers: tuple[int, int] | None = None
        self._reals: tuple[float, float] | None = None
        self._digits: tuple[float, float] | None = None
        self._integral_reals = 0
        self._characters_max = 0
        self._bytes_max = 0
        self.bytes = 0
        """Bytes of text and blobs; numbers count eight."""

    def add(self, batch: Batch) -> None:
        """Count the values of a batch."""
        types = set(map(type, batch.values))
        for type_ in types:
            values = batch.values
            if len(types) > 1:
                values = [value for value in values if type(value) is type_]
            self._classes.add(_CLASSES[type_], len(values), batch, partial(_is, type_))
            forms = self._add_values(type_, values, batch)
            if self._probe and type_ is not NoneType:
                problems = frozenset(self._problems.names)
                self._ask(self._probe, Group(values, forms, problems), batch)

    def profile(self) -> ColumnProfile:
        """Return what was gathered."""
        integer_min, integer_max = self._integers or (None, None)
        real_min, real_max = self._reals or (None, None)
        digits_min, digits_max = self._digits or (None, None)
        return ColumnProfile(
            column=self.name,
            classes=self._classes.frozen(),
            forms=self._forms.frozen(),
            problems=self._problems.frozen(),
            questions=self._questions.frozen(),
            integer_min=integer_min,
            integer_max=integer_max,
            real_min=real_min,
            real_max=real_max,
            digits_min=digits_min,
            digits_max=digits_max,
            integral_reals=self._integral_reals,
            characters_max=self._characters_max,
            bytes_max=self._bytes_max,
            json_checked=self._json is not None,
        )

    def _ask(self, probe: Probe, group: Group, batch: Batch) -> None:
        if probe.plain(group):
            return
        for question, number in Counter(map(probe.tells, group.values)).items():
            if question is not None:
                self._questions.add(question, number, batch, partial(_is_told, probe, question))

    def _add_values(self, type_: type, values: Sequence[Any], batch: Batch) -> frozenset[str]:
        """Count values of one class, and return the forms that they have."""
        if type_ is str:
            return self._add_texts(values, batch)
        if type_ is bytes:
            self._add_blobs(values, batch)
        elif type_ is int:
            self.bytes += 8 * len(values)
            self._integers = _extent(values, self._integers)
        elif type_ is float:
            self.bytes += 8 * len(values)
            self._reals = _extent(values, self._reals)
            self._integral_reals += sum(map(float.is_integer, values))
            if self._reals[0] < -_INT8_END or self._reals[1] >= _INT8_END:
                self._integral_reals -= sum(map(_is_integral_beyond_int8, values))
        return frozenset()

    def _add_texts(self, values: Sequence[str], batch: Batch) -> frozenset[str]:
        texts = Texts.of(values)
        self._characters_max = max(self._characters_max, texts.longest)
        size, longest = texts.encoded_lengths()
        self.bytes += size
        self._bytes_max = max(self._bytes_max, longest)
        if "\0" in texts.joined:
            self._problems.add(Problem.NUL, sum(map(_has_nul, values)), batch, _has_nul)
        if _is_not_utf8(texts.joined):
            number = sum(map(_is_not_utf8, values))
            self._problems.add(Problem.INVALID_UTF8, number, batch, _is_not_utf8)
        tally = tally_texts(texts)
        for form, number in tally.forms.items():
            self._forms.add(form, number, batch, partial(_has_form, form))
        for problem, number in tally.problems.items():
            self._problems.add(problem, number, batch, partial(_has_time_problem, problem))
        if tally.numbers:
            self._digits = _extent(tally.numbers, self._digits)
        self._add_json(texts, batch)
        return frozenset(tally.forms)

    def _add_blobs(self, blobs: Sequence[bytes], batch: Batch) -> None:
        lengths = list(map(len, blobs))
        self.bytes += sum(lengths)
        self._bytes_max = max(self._bytes_max, *lengths)
        if self._json is None:
            return
        texts = [text for text in map(_text_of, blobs) if text is not None]
        if len(texts) < len(blobs):
            number = len(blobs) - len(texts)
            self._problems.add(Problem.INVALID_UTF8, number, batch, _is_not_utf8)
            self._problems.add(Problem.NOT_JSON, number, batch, _is_not_utf8)
        if texts:
            self._add_json(Texts.of(texts), batch)

    def _add_json(self, texts: Texts, batch: Batch) -> None:
        if self._json is None:
            return
        for problem, number in self._json.tally(texts).items():
            matches = partial(_has_json_problem, self._json, problem)
            self._problems.add(problem, number, batch, matches)


def _extent(values: Sequence[Any], known: tuple[Any, Any] | None) -> tuple[Any, Any]:
    least, most = min(values), max(values)
    return (min(least, known[0]), max(most, known[1])) if known else (least, most)


def _text_of(value: Any) -> str | None:
    """Return a text, or the text that a blob holds; None for anything else."""
    if type(value) is not bytes:
        return value if type(value) is str else None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return None


# What finds samples: each is asked of any value of a column, NULL included.


def _is_told(probe: Probe, question: str, value: Any) -> bool:
    return value is not None and probe.tells(value) == question


def _is(type_: type, value: Any) -> bool:
    return type(value) is type_


def _is_integral_beyond_int8(value: float) -> bool:
    return value.is_integer() and not -_INT8_END <= value < _INT8_END


def _has_nul(value: Any) -> bool:
    return type(value) is str and "\0" in value


def _is_not_utf8(value: Any) -> bool:
    if type(value) is bytes:
        return _text_of(value) is None
    if type(value) is not str or value.isascii():
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _has_form(form: str, value: Any) -> bool:
    return type(value) is str and form_of(value) == form


def _has_time_problem(problem: str, value: Any) -> bool:
    return type(value) is str and problem in time_problems(value)


def _has_json_problem(json: JsonScanner, problem: str, value: Any) -> bool:
    text = _text_of(value)
    return text is not None and problem in json.problems_of(text)
