"""Enums: a label or nothing."""

import pytest

from tests.coercion_facts import Coerced

LABELS = ("open", "closed", "it's")


def test_labels_need_no_conversion() -> None:
    column = Coerced(["open", "it's", None], "mood", labels=LABELS)
    assert column.refusals == []
    assert column.leaf.convert(column.options) is None
    assert not column.agree("open", "closed")


@pytest.mark.parametrize("odd", ["Open", "open ", "lost", 1, b"open"])
def test_what_is_no_label_is_refused_by_name(odd: object) -> None:
    (finding,) = Coerced(["open", odd], "mood", labels=LABELS).ruling.unsettled  # type: ignore[list-item]
    assert finding.message == '1 value of "messages"."sent_at" is no label of mood'
    assert finding.detail.endswith("its labels: 'open', 'closed', 'it''s'")
    assert "ALTER TYPE mood ADD VALUE" in finding.hint
    column = Coerced(["open", odd], "mood", labels=LABELS, invalid="null")  # type: ignore[list-item]
    assert column.changes == {"invalid value as NULL": 1}
    assert column.altered(odd) == "invalid value as NULL"  # type: ignore[arg-type]
    assert column.sent(odd) is None  # type: ignore[arg-type]
    assert column.agree(odd, None)  # type: ignore[arg-type]
    assert not column.agree("open", None)


def test_an_empty_text_may_be_a_label() -> None:
    assert "is ''" in Coerced([""], "mood", labels=LABELS).refusals[0]
    column = Coerced([""], "mood", labels=("", "x"), empty="null")
    assert column.refusals == []
    assert column.changes == {}
    assert column.agree("", "")
