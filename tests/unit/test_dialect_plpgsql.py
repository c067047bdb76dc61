"""What a PostgreSQL trigger refuses is told from its function's body, and from nothing less."""

import pytest

from cutover.catalog import Trigger
from cutover.dialect.plpgsql import refusals_of

ALL = ("DELETE", "UPDATE")


def trigger(body: str, **changes: object) -> Trigger:
    definition = (
        "CREATE OR REPLACE FUNCTION public.f()\n RETURNS trigger\n LANGUAGE plpgsql\n"
        f"AS $function${body}$function$\n"
    )
    facts: dict[str, object] = {"timing": "BEFORE", "events": ALL, "body": definition}
    return Trigger(name="guard", **{**facts, **changes})  # type: ignore[arg-type]


REFUSING = {
    "plain": "BEGIN RAISE EXCEPTION 'no'; END",
    "without a level": "BEGIN RAISE 'no'; END",
    "using": "BEGIN RAISE EXCEPTION USING MESSAGE = 'a;b', ERRCODE = '23001'; END",
    "comments": "-- why\nBEGIN /* RETURN OLD; */ RAISE EXCEPTION 'no'; -- ;\nRETURN OLD; END",
    "lower case": "begin\n  raise exception 'x';\nend",
    "declared": "DECLARE n int := 0; BEGIN RAISE EXCEPTION '%', n; END",
    "by operation": "BEGIN IF TG_OP = 'UPDATE' OR TG_OP = 'DELETE' THEN RAISE EXCEPTION 'x'; "
    "END IF; RETURN NEW; END",
    "either way": "BEGIN IF TG_OP = 'UPDATE' THEN RAISE 'x'; ELSE RAISE EXCEPTION 'y'; END IF; END",
    "neither, either way": "BEGIN IF TG_OP = 'TRUNCATE' THEN RAISE EXCEPTION 'x'; "
    "ELSIF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'y'; ELSE RAISE EXCEPTION 'z'; END IF; END",
    "in a list": "BEGIN IF TG_OP IN ('UPDATE', 'DELETE') THEN RAISE EXCEPTION 'x'; END IF; END",
}


@pytest.mark.parametrize("case", REFUSING)
def test_a_body_that_always_raises_refuses_all_its_events(case: str) -> None:
    assert {r.event for r in refusals_of(trigger(REFUSING[case]))} == set(ALL)


HARMLESS = {
    "returns": "BEGIN RETURN OLD; END",
    "returns null": "BEGIN RETURN NULL; END",
    "notice": "BEGIN RAISE NOTICE 'no'; RETURN OLD; END",
    "a string": "BEGIN PERFORM 'RAISE EXCEPTION'; RETURN OLD; END",
    "behind a condition": "BEGIN IF OLD.a = 1 THEN RAISE EXCEPTION 'x'; END IF; RETURN OLD; END",
    "an ELSE that warns": "BEGIN IF TG_OP = 'INSERT' THEN RAISE EXCEPTION 'x'; "
    "ELSE RAISE WARNING 'y'; END IF; RETURN OLD; END",
    "an ELSE that does more first": "BEGIN IF TG_OP = 'INSERT' THEN RAISE EXCEPTION 'x'; "
    "ELSE PERFORM 1; RAISE EXCEPTION 'y'; END IF; RETURN OLD; END",
    "an ELSE of another condition": "BEGIN IF OLD.a = 1 THEN RETURN OLD; "
    "ELSE RAISE EXCEPTION 'y'; END IF; END",
    "after a return": "BEGIN RETURN OLD; RAISE EXCEPTION 'x'; END",
    "half a condition": "BEGIN IF TG_OP = 'UPDATE' AND OLD.a = 1 THEN RAISE EXCEPTION 'x'; END IF; "
    "RETURN OLD; END",
    "caught": "BEGIN RAISE EXCEPTION 'x'; EXCEPTION WHEN OTHERS THEN RETURN OLD; END",
    "unreadable": "BEGIN RAISE EXCEPTION 'never closed; END",
    "empty": "",
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_may_let_a_statement_pass_is_no_refusal(case: str) -> None:
    assert refusals_of(trigger(HARMLESS[case])) == ()


def test_only_the_operation_that_raises_is_refused() -> None:
    body = "BEGIN IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'x'; END IF; RETURN NEW; END"
    (refusal,) = refusals_of(trigger(body, when="(old.a > 1)", enabled="A", of_columns=("a",)))
    assert (refusal.event, refusal.when, refusal.enabled) == ("DELETE", "(old.a > 1)", "A")


def test_a_statement_trigger_after_the_fact_is_no_refusal_of_a_row() -> None:
    after = trigger(REFUSING["plain"], timing="AFTER", row=False)
    assert refusals_of(after) == ()
    assert refusals_of(trigger(REFUSING["plain"], timing="AFTER"))
