"""What the leaves share when they rule: the evidence, and the sentences about it.

Nothing here touches a value. How values are written is each leaf's load side, how they are
understood its verify side, and those two share no code.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cutover.abc import ColumnFacts, Ruling
from cutover.coercions._findings import counted, finding, merged
from cutover.plan import Change, Finding
from cutover.profile import Form, Problem, Tally

EMPTY_AS_NULL = "'' as NULL"


@dataclass(frozen=True, slots=True)
class Asker:
    """Puts the evidence of one column into a ruling; `name` is the coercion that asks."""

    name: str
    facts: ColumnFacts

    @property
    def column(self) -> str:
        """The source column, quoted."""
        return '"' + self.facts.source.name.replace('"', '""') + '"'

    @property
    def empty_count(self) -> int:
        """How many '' become NULL: by the setting, where the target takes NULL."""
        settled = self.facts.settings.empty == "null" and self.facts.target.nullable
        return self.forms(lambda form: form == Form.EMPTY).count if settled else 0

    def stored(self, *classes: str) -> Tally:
        """Return the tally of some storage classes."""
        found = self.facts.profile.classes
        return merged(found[name] for name in classes if name in found)

    def forms(self, wanted: Callable[[str], bool]) -> Tally:
        """Return the tally of the text values whose form is wanted."""
        forms = sorted(self.facts.profile.forms.items())
        return merged(tally for form, tally in forms if wanted(form))

    def problem(self, *problems: Problem) -> Tally:
        """Return the tally of some problems."""
        return merged(self.facts.profile.problem(problem) for problem in problems)

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

    def setting(self, key: str, value: str) -> str:
        """Return where and how a column setting is written, its other keys kept."""
        pairs = {**self.facts.settings.model_dump(exclude_defaults=True), key: value}
        body = ", ".join(f'{name} = "{text}"' for name, text in pairs.items())
        return f'in cutover.toml: [columns] "{self.facts.setting}" = {{ {body} }}'

    def retype(self, type_: str) -> str:
        """Return how the target column gets another type."""
        return f"give the target column the type {type_}; init does, {self.setting('type', type_)}"

    def repair(self, condition: str) -> str:
        """Return the statement, all but the new value, that repairs the source."""
        table = self.facts.subject.removesuffix(f".{self.column}")
        change = f"{table} SET {self.column} = ..."
        return f"repair them in SQLite: UPDATE {change} WHERE {condition}"

    def ruling(
        self, options: Mapping[str, str], changes: Mapping[str, int], unsettled: Iterator[Finding]
    ) -> Ruling:
        """Put a ruling together.

        The options gain the stored `classes`, and `empty` where '' becomes NULL. `exact` stays
        among them only where nothing changes and nothing is refused.
        """
        refused = tuple(unsettled)
        counts = {**changes, EMPTY_AS_NULL: self.empty_count}
        found = tuple(Change(rule=rule, count=count) for rule, count in counts.items() if count)
        given = {**options, "classes": ",".join(self._classes())}
        if self.empty_count:
            given["empty"] = "null"
        if refused or found:
            given.pop("exact", None)
        return Ruling(options=given, changes=found, unsettled=refused)

    def _classes(self) -> Iterator[str]:
        counts = self.facts.profile.classes.items()
        return (name for name, tally in sorted(counts) if tally.count and name != "null")
