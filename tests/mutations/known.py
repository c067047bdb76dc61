"""What is known to fail, and why: each is an xfail that is strict."""

import pytest

_CONSTANT = "a condition that is always true is taken for one that is not"
_NEVER_NULL = "IS is not taken for = where NULL can't be"

FAILING: dict[str, str] = {
    # Traps that pass.
    "division of NUMERIC": "SQLite divides NUMERIC values that are whole as integers",
    # Rewrites that fail.
    "IN against OR": "the canonical form keeps OR of equalities apart from IN",
    "flag = 1 against flag IS TRUE": _NEVER_NULL,
    "flag IS 1 against flag": _NEVER_NULL,
    "IS 'x' against = 'x', never NULL": _NEVER_NULL,
    "IS NOT 'x' against <> 'x', never NULL": _NEVER_NULL,
    "a CHECK of typeof": "the IS NOT NULL that is left of it is not held against NOT NULL",
    "CURRENT_TIMESTAMP as text": "to_char() of the clock is not recognised",
    "a moment in seconds": "extract(epoch FROM now()) is not recognised",
    "CLOB against varchar": "varchar without a length is not taken for text",
    "VARCHAR without a length": "varchar without a length is not taken for text",
    "a function that asks TG_OP, and raises either way": "an ELSE that raises is not read",
    "SELECT CASE WHEN 1": _CONSTANT,
    "WHERE 1": _CONSTANT,
    "WHEN 1": _CONSTANT,
    "WHERE EXISTS of the row itself": _CONSTANT,
}


def parameters(cases: list[object]) -> list[object]:
    """Return cases as parameters, those that are known to fail marked."""
    return [_parameter(case, str(getattr(case, "name", ""))) for case in cases]


def _parameter(case: object, name: str) -> object:
    marks = [pytest.mark.xfail(reason=FAILING[name], strict=True)] if name in FAILING else []
    return pytest.param(case, id=name, marks=marks)
