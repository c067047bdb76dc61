"""`cutover migrate` through PgBouncer, which keeps a session for nobody in transaction mode."""

import re
from contextlib import ExitStack, closing

import psycopg
import pytest

from cutover.errors import Refused
from cutover.turn import take_turn
from cutover.waiting import Patience
from tests.fix_cli import Cli
from tests.fix_pgbouncer import Pooler
from tests.fix_sets import MakePod, revision

CREATE = revision("a", 'op.create_table("note", sa.Column("id", sa.Integer))')


def test_transaction_mode_is_refused_with_the_remedy(
    cli: Cli, make_pod: MakePod, pooler: Pooler
) -> None:
    pod = make_pod(CREATE)
    url = pooler("pool_mode = transaction")
    command = ("migrate", "--provider", "postgres", "--format", "json")
    refused = cli(*command, "--target", url)
    assert refused.status == 4, refused.out
    error = refused.json["error"]
    assert error["code"] == "refused"
    assert "pooler in transaction mode" in error["message"]
    assert "[target] direct_url" in error["hint"]
    assert "CUTOVER_DIRECT_URL" in error["hint"]
    assert "--target" in error["hint"]
    assert pod.fetch("SELECT to_regclass('note'), to_regclass('alembic_version')") == [(None, None)]
    settings = pod.directory / "cutover.toml"
    settings.write_text(
        f'[target]\nurl = "{url}"\ndirect_url = "{pod.url}"\n[sets]\npostgres = "pgset"\n'
    )
    assert cli(*command).status == 0
    assert pod.fetch("SELECT version_num FROM alembic_version") == [("a",)]


def test_at_head_a_pooler_is_no_obstacle(cli: Cli, make_pod: MakePod, pooler: Pooler) -> None:
    pod = make_pod(CREATE)
    command = ("migrate", "--provider", "postgres", "--target")
    assert cli(*command, pod.url).status == 0
    assert cli(*command, pooler("pool_mode = transaction")).status == 0


def test_a_refused_pooler_keeps_no_lock_and_no_setting_of_ours(
    postgres_url: str, pooler: Pooler
) -> None:
    url = pooler("pool_mode = transaction")
    for _ in range(3):
        with pytest.raises(Refused), take_turn(url, "public", Patience(seconds=0)):
            pass
    with closing(psycopg.connect(url, autocommit=True, prepare_threshold=None)) as connection:
        assert connection.execute("SHOW lock_timeout").fetchall() == [("0",)]
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        assert connection.execute(locks).fetchall() == [(0,)]
    with take_turn(postgres_url, "public", Patience(seconds=0)):
        pass


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        # Whoever asks next gets the session that was free last, or the only one.
        ((), r"server process \d+ served two connections at once"),
        (("default_pool_size = 1",), r"server process \d+ served two connections at once"),
        (
            ("server_round_robin = 1",),
            r"server processes \d+(, \d+)+ took turns at one connection",
        ),
    ],
)
def test_the_refusal_says_what_was_seen(
    pooler: Pooler, settings: tuple[str, ...], said: str
) -> None:
    url = pooler("pool_mode = transaction", *settings)
    if "server_round_robin = 1" in settings:
        warm_up(url, 5)
    with pytest.raises(Refused) as caught, take_turn(url, "public", Patience(seconds=0)):
        pass
    assert re.fullmatch(said, caught.value.detail), caught.value.detail


def warm_up(url: str, sessions: int) -> None:
    """Let a pool open some sessions: as many transactions at once, and each committed.

    PgBouncer closes a session whose client goes in the middle of a transaction.
    """
    with ExitStack() as stack:
        for _ in range(sessions):
            stack.enter_context(psycopg.connect(url, prepare_threshold=None)).execute("SELECT 1")


def test_session_mode_is_as_good_as_the_server(cli: Cli, make_pod: MakePod, pooler: Pooler) -> None:
    pod = make_pod(CREATE)
    answer = cli("migrate", "--provider", "postgres", "--target", pooler("pool_mode = session"))
    assert answer.status == 0, answer.err
    assert pod.fetch("SELECT version_num FROM alembic_version") == [("a",)]
