"""The pooler probe against a real PgBouncer, in each mode and with a pool of one."""

from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.fix_cli import Cli
from tests.fix_pgbouncer import Pooler


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        (("pool_mode = transaction",), "problem"),
        (("pool_mode = transaction", "default_pool_size = 1"), "problem"),
        (("pool_mode = session",), "ok"),
    ],
)
def test_the_mode_of_a_pooler_is_seen(
    cli: Cli, pooler: Pooler, settings: tuple[str, ...], level: str
) -> None:
    answer = cli("doctor", "--target", pooler(*settings), "--format", "json")
    assert answer.json["checks"][0]["level"] == "ok", answer.out[:600]
    (said,) = (each for each in answer.json["checks"] if each["check"] == "pooler")
    assert said["level"] == level, answer.out
    assert ("direct_url" in said["remedy"]) == (level == "problem")


def test_past_the_pooler_all_is_well(
    cli: Cli, pooler: Pooler, postgres_url: str, tmp_path: Path
) -> None:
    url = pooler("pool_mode = transaction")
    text = f'[target]\nurl = "{url}"\ndirect_url = "{postgres_url}"\n'
    (tmp_path / "cutover.toml").write_text(text)
    answer = cli("doctor", "--format", "json")
    assert answer.json["checks"][0]["level"] == "ok", answer.out[:600]
    (said,) = (each for each in answer.json["checks"] if each["check"] == "pooler")
    assert said["level"] == "ok"
    (said,) = (each for each in answer.json["checks"] if each["check"] == "application_url")
    assert said["level"] == "ok"
    assert said["message"].endswith(f"a pooler in transaction mode, the commands past it: {url}")
    # The sessions of applications are as they were.
    with closing(psycopg.connect(url, prepare_threshold=None)) as connection:
        for name in ("lock_timeout", "row_security", "search_path"):
            found = connection.execute(
                "SELECT setting = reset_val FROM pg_settings WHERE name = %s", (name,)
            )
            assert found.fetchall() == [(True,)], name


NOWHERE = "postgresql://app:s3cret@127.0.0.1:1/app"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (NOWHERE, "applications can't use postgresql://app:***@127.0.0.1:1/app: "),
        ("", "applications get another database: "),
    ],
)
def test_a_mistake_in_the_url_of_applications_is_a_problem(
    cli: Cli, postgres_server: str, postgres_url: str, tmp_path: Path, *, url: str, message: str
) -> None:
    text = f'[target]\nurl = "{url or postgres_server}"\ndirect_url = "{postgres_url}"\n'
    (tmp_path / "cutover.toml").write_text(text)
    answer = cli("doctor", "--format", "json")
    assert answer.status == 3
    assert "s3cret" not in answer.out + answer.err
    (said,) = (each for each in answer.json["checks"] if each["check"] == "application_url")
    assert said["level"] == "problem"
    assert said["message"].startswith(message)
    assert said["remedy"]


def test_a_pooler_named_on_the_command_line_is_not_passed_by(
    cli: Cli, pooler: Pooler, postgres_url: str, tmp_path: Path
) -> None:
    text = f'[target]\nurl = "{postgres_url}"\ndirect_url = "{postgres_url}"\n'
    (tmp_path / "cutover.toml").write_text(text)
    target = pooler("pool_mode = transaction")
    answer = cli("doctor", "--target", target, "--format", "json")
    (said,) = (each for each in answer.json["checks"] if each["check"] == "pooler")
    assert said["level"] == "problem"
    assert answer.json["target"] == target
