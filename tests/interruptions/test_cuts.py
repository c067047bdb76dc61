"""The connection is cut in the middle of a COPY, before a COMMIT, and after it.

After a COMMIT whose answer is lost, nobody knows what became of it. The rows and the watermark
are one transaction, so it does not matter.
"""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from tests.fix_cli import Answer
from tests.fix_interruptions import Doomed, MakeDoomed
from tests.interruptions.proxy import COPY_DATA, PARSE, QUERY, Watch, cutting

COPIED_BYTES = (1, 100, 400)


@pytest.fixture
def ready(doomed: MakeDoomed) -> Iterator[Doomed]:
    with doomed("ready") as copy:
        yield copy


def after_bytes(most: int) -> Watch:
    """Cut in the COPY that brings rows past so many bytes."""
    seen = 0

    def watch(kind: bytes, body: bytes) -> str:
        nonlocal seen
        seen += len(body) if kind == COPY_DATA else 0
        return "cut" if kind == COPY_DATA and seen >= most else ""

    return watch


def at_commit(number: int, said: str) -> Watch:
    """Cut at the n-th COMMIT, before or after it is passed on."""
    seen = 0

    def watch(kind: bytes, body: bytes) -> str:
        nonlocal seen
        is_commit = kind in (QUERY, PARSE) and b"COMMIT" in body
        seen += is_commit
        return said if is_commit and seen == number else ""

    return watch


def apply_through(copy: Doomed, watch: Watch) -> tuple[Answer, int]:
    with cutting(copy.url, watch) as (url, proxy):
        answer = copy.at(url).run("apply", "plan.json")
        return answer, proxy.cuts


def assert_whole(copy: Doomed, answer: Answer) -> None:
    assert answer.status == 7, answer
    assert "connection to the target was lost" in answer.err
    assert "run the same command again" in answer.err
    again = copy.again("apply", "plan.json")
    assert again.status == 0, again.err
    verified = copy.run("verify")
    assert verified.status == 0, verified.out


@pytest.mark.hazard("A64", "goes on after a connection that was cut in the middle of a COPY")
@pytest.mark.parametrize("most", COPIED_BYTES)
def test_cut_in_the_middle_of_a_copy(ready: Doomed, most: int) -> None:
    answer, cuts = apply_through(ready, after_bytes(most))
    assert cuts == 1
    assert_whole(ready, answer)


@pytest.mark.parametrize("said", ["cut", "cut-after"])
def test_cut_at_every_commit(doomed: MakeDoomed, said: str) -> None:
    number, cuts = 0, 1
    while cuts:
        number += 1
        with doomed("ready") as copy:
            answer, cuts = apply_through(copy, at_commit(number, said))
            if cuts:
                assert_whole(copy, answer)
    assert answer.status == 0
    assert number > 10


def test_a_batch_whose_commit_was_not_answered_is_sent_once(ready: Doomed) -> None:
    """The COMMIT of the first batch arrives, and its answer doesn't."""
    copies = 0

    def watch(kind: bytes, body: bytes) -> str:
        nonlocal copies
        copies += kind == COPY_DATA
        return "cut-after" if copies and kind in (QUERY, PARSE) and b"COMMIT" in body else ""

    answer, _ = apply_through(ready, watch)
    assert answer.status == 7, answer
    with closing(psycopg.connect(ready.url)) as connection:
        rows = connection.execute("SELECT table_name, rows FROM cutover.watermark").fetchall()
    assert len(rows) == 1
    assert ready.fetch(f'SELECT count(*) FROM "{rows[0][0]}"') == [(rows[0][1],)]
    assert_whole(ready, answer)
