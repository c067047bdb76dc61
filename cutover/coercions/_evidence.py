"""The evidence about one column, and what its settings and its target make of a question."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from cutover.abc import ColumnFacts
from cutover.coercions._findings import merged
from cutover.coercions._question_rules import QUESTIONS
from cutover.coercions._question_rules import given as stated
from cutover.profile import Form, Problem, Tally


@dataclass(frozen=True, slots=True)
class Facts:
    """One column as a coercion sees it; `name` is the coercion that asks."""

    name: str
    facts: ColumnFacts
    takes_empty: bool = False
    """The type has '' among its values, which then is no question."""

    @property
    def column(self) -> str:
        """The source column, quoted."""
        return '"' + self.facts.source.name.replace('"', '""') + '"'

    @property
    def empty_count(self) -> int:
        """How many '' become NULL: by the setting, where the target takes NULL."""
        if self.takes_empty:
            return 0
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

    def answer(self, question: str) -> str:
        """Return the setting's answer to a question; empty where it has none that is possible."""
        given = stated(self.facts.settings).get(QUESTIONS[question].setting, "")
        return given if given in self.possible(question) else ""

    def possible(self, question: str) -> tuple[str, ...]:
        """Return the answers that a question can have: none is NULL where the target takes none."""
        rules = QUESTIONS[question].rules
        return tuple(a for a in rules if a != "null" or self.facts.target.nullable)

    def setting(self, key: str, value: str) -> str:
        """Return where and how a column setting is written, its other keys kept."""
        given = self.facts.settings.model_dump(exclude_defaults=True, by_alias=True)
        pairs = {**given, key: value}
        body = ", ".join(f"{name} = {_toml(text)}" for name, text in pairs.items())
        return f'in cutover.toml: [columns] "{self.facts.setting}" = {{ {body} }}'

    def retype(self, type_: str) -> str:
        """Return how the target column gets another type."""
        return f"give the target column the type {type_}; init does, {self.setting('type', type_)}"

    def repair(self, condition: str) -> str:
        """Return the statement, all but the new value, that repairs the source."""
        table = self.facts.subject.removesuffix(f".{self.column}")
        change = f"{table} SET {self.column} = ..."
        return f"repair them in SQLite: UPDATE {change} WHERE {condition}"


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
