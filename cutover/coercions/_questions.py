"""Load's side of the questions that single values raise, and of the settings that answer them.

A leaf reads a value strictly: it gives what to send, or raises the question that stands in the way.
The profile counts the questions before, the settings answer them, the ledger names the answer.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cutover.abc import Converter, Sent
from cutover.coercions._question_rules import QUESTIONS, given

__all__ = [
    "QUESTIONS",
    "Raised",
    "answering",
    "given",
    "naming",
    "null_answers",
    "raised_by",
    "telling",
]


class Raised(ValueError):  # noqa: N818 - a question, and an error only where nobody answers it
    """A value raises a question."""

    def __init__(self, question: str, words: str) -> None:
        super().__init__(words)
        self.question = question


def raised_by(convert: Converter) -> Callable[[Any], str | None]:
    """Return what names the question that a value raises when it is converted."""

    def raises(value: Any) -> str | None:
        try:
            convert(value)
        except Raised as raised:
            return raised.question
        except ValueError:
            return "invalid"
        return None

    return raises


def answering(read: Converter, answers: Mapping[str, Converter]) -> Converter:
    """Return a conversion that gives a question's answer where reading raises one that has one."""
    if not answers:
        return read

    def convert(value: Any) -> Sent:
        try:
            return read(value)
        except Raised as raised:
            if raised.question not in answers:
                raise
            return answers[raised.question](value)

    return convert


def null_answers(options: Mapping[str, str]) -> dict[str, Converter]:
    """Return the answers that are NULL, of those questions whose setting says so."""
    return {
        question: _null
        for question, known in QUESTIONS.items()
        if options.get(known.setting) == "null" and "null" in known.rules
    }


def naming(
    read: Converter, options: Mapping[str, str], altered: Callable[[Any], str | None]
) -> Callable[[Any], str | None]:
    """Return what names the rule that alters a value: its question's answer, else `altered`."""
    raises = raised_by(read)
    rules = {
        question: known.rules[options[known.setting]]
        for question, known in QUESTIONS.items()
        if options.get(known.setting) in known.rules
    }
    if not rules:
        return altered

    def rule_of(value: Any) -> str | None:
        question = raises(value)
        return rules[question] if question in rules else altered(value)

    return rule_of


def telling(
    strict: Converter, convert: Converter, altered: Callable[[Any], str | None]
) -> Callable[[Any], str | None]:
    """Return a probe's answer: the question that a value raises, else the rule that alters it.

    `convert` is what the settings make of `strict`: what it can't take is asked first, because an
    answer may raise another question.
    """
    taken, asked = raised_by(convert), raised_by(strict)
    if convert is strict:
        return lambda value: asked(value) or altered(value)
    return lambda value: taken(value) or asked(value) or altered(value)


def _null(_value: Any) -> Sent:
    return None
