"""What the leaves share when they rule: the evidence, and the sentences about it.

Nothing here touches a value. How values are written is each leaf's load side, how they are
understood its verify side, and those two share no code.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from cutover.abc import Ruling
from cutover.coercions._evidence import Facts
from cutover.coercions._findings import counted, finding
from cutover.coercions._question_rules import EMPTY_AS_NULL, QUESTIONS
from cutover.plan import Change, Finding
from cutover.profile import Form, Tally


class Asker(Facts):
    """Puts the evidence of one column into a ruling."""

    __slots__ = ()

    def refuse(
        self, tally: Tally, predicate: str, hint: str, detail: str = ""
    ) -> Iterator[Finding]:
        """Yield the finding that these values are unsettled, unless there are none.

        `predicate` begins with its verb's plural: "carry no time zone".
        """
        if tally.count:
            message = counted(tally, self.facts.subject, predicate)
            yield finding(self.name, self.facts, tally, (message, detail, hint))

    def refuse_range(self, predicate: str, hint: str, detail: str) -> Iterator[Finding]:
        """Yield a finding about values that the profile bounds but does not count."""
        message = f"values of {self.facts.subject} {predicate}"
        yield finding(self.name, self.facts, Tally(1), (message, detail, hint))

    def refuse_other_than(self, *classes: str, hint: str) -> Iterator[Finding]:
        """Yield a finding for each storage class that is none of those, and not NULL."""
        for name, tally in sorted(self.facts.profile.classes.items()):
            if name not in {*classes, "null"}:
                yield from self.refuse(tally, f"are stored as {name.upper()}", hint)

    def refuse_empty(self) -> Iterator[Finding]:
        """Yield a finding where '' has no counterpart, and none is set or possible."""
        tally = self.forms(lambda form: form == Form.EMPTY)
        if self.facts.settings.empty == "refuse":
            hint = f"If '' means no value, say so {self.setting('empty', 'null')}"
            yield from self.refuse(tally, f"are '', which no {self.facts.target.type} is", hint)
        elif not self.facts.target.nullable:
            repair = self.repair(f"{self.column} = ''")
            hint = f"let the target column take NULL, or {repair}"
            yield from self.refuse(tally, "are '', and the target takes no NULL", hint)

    def ask(
        self, question: str, predicate: str, hint: str, detail: str = "", tally: Tally | None = None
    ) -> Iterator[Finding]:
        """Yield the finding that values raise a question, unless its setting answers it.

        `tally` is of these values, where it was not the probe that counted them.
        """
        found = self.facts.profile.question(question) if tally is None else tally
        if found.count and not self.answer(question):
            yield from self.refuse(found, predicate, self._hint(question, hint), detail)

    def _hint(self, question: str, hint: str) -> str:
        known, possible = QUESTIONS[question], self.possible(question)
        parts = [hint] if hint else []
        if possible:
            choice = " or ".join(f'"{answer}"' for answer in possible)
            parts.append(f"choose {choice} {self.setting(known.setting, possible[0])}")
        elif known.rules:
            parts.append(f'let the target column take NULL for {known.setting} = "null"')
        return "; or ".join(parts)

    def ruling(
        self, options: Mapping[str, str], changes: Mapping[str, int], unsettled: Iterator[Finding]
    ) -> Ruling:
        """Put a ruling together.

        The options gain the stored `classes`, `empty` where '' becomes NULL, and the settings that
        answer the questions that values raise; `exact` stays among them only where nothing changes
        and nothing is refused. The changes gain what the probe counted.
        """
        refused = tuple(unsettled)
        counts = Counter(changes)
        counts[EMPTY_AS_NULL] += self.empty_count
        given = {**options, "classes": ",".join(self._classes())}
        for told, tally in self.facts.profile.questions.items():
            if told not in QUESTIONS:
                counts[told] += tally.count
            # '' is counted as a form, whoever asks of it.
            elif told != "empty" and (answer := self.answer(told)):
                counts[QUESTIONS[told].rules[answer]] += tally.count
        if self.facts.profile.questions:
            # All of them: a value that raises one may raise another once that is answered.
            given |= self._answers()
        found = tuple(Change(rule=rule, count=count) for rule, count in counts.items() if count > 0)
        if self.empty_count:
            given["empty"] = "null"
        if refused or found:
            given.pop("exact", None)
        return Ruling(options=given, changes=found, unsettled=refused)

    def _answers(self) -> dict[str, str]:
        answered = ((known.setting, self.answer(name)) for name, known in QUESTIONS.items())
        return {key: answer for key, answer in answered if answer and key != "empty"}

    def _classes(self) -> Iterator[str]:
        counts = self.facts.profile.classes.items()
        return (name for name, tally in sorted(counts) if tally.count and name != "null")
