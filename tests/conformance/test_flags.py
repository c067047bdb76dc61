"""One suite for every flag store: set from nothing, compare-and-set, races, crashes, garbage."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from cutover.abc import Flag, FlagStore
from cutover.catalog import Provider
from cutover.errors import ExitStatus, FlagError, UsageError
from cutover.flags import open_store, read_provider
from cutover.registry import flag_stores
from tests.fix_kubernetes import Cluster

ROOT = Path(__file__).resolve().parents[2]
RACERS = 5
KINDS = ("configmap", "dotenv", "file", "postgres")

FIRST = Flag(
    value="sqlite",
    generation=1,
    changed_at="2026-07-01T12:00:00Z",
    changed_by="søren",
    plan_digest="0f" * 32,
)
SECOND = replace(FIRST, value="postgres", generation=2, changed_by="o'neil")


@dataclass(frozen=True)
class Kind:
    """What the suite has to know of one kind of store."""

    url: str
    put: Callable[[str], object]
    """Replaces the stored value behind the store's back, in generation 1."""
    dies: str
    """Python that lets a process die when all is written and nothing is in force yet."""
    remembers: bool = True
    """Whether there is room for who and when."""


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        dies = "import psycopg; psycopg.Connection.commit = lambda _: os._exit(9)"
        return Kind(f"postgres:{url}", lambda value: _put_row(url, value), dies)
    if request.param == "configmap":
        return _config_map(request.getfixturevalue("cluster"))
    path = tmp_path / "flag"
    dies = "os.replace = lambda *_: os._exit(9)"
    if request.param == "file":
        flag = '{{"value": {}, "generation": 1}}'
        put = lambda value: path.write_text(flag.format(json.dumps(value)))  # noqa: E731
        return Kind(f"file:{path}", put, dies)
    put = lambda value: path.write_text(f"DB={value}\nDB_GENERATION=1\n")  # noqa: E731
    return Kind(f"dotenv:{path}#DB", put, dies, remembers=False)


def _config_map(cluster: Cluster) -> Kind:
    cluster.make("apps", "flag")
    put = lambda value: cluster.edit("apps", "flag", {"DB": value, "DB_GENERATION": "1"})  # noqa: E731
    dies = (
        "from kubernetes.client import CoreV1Api\n"
        "CoreV1Api.patch_namespaced_config_map = lambda *_, **__: os._exit(9)"
    )
    return Kind("configmap:apps/flag#DB", put, dies)


def _put_row(url: str, value: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE cutover.flag SET value = %s, generation = 1", (value,))


@pytest.fixture
def store(kind: Kind) -> FlagStore:
    return open_store(kind.url)


def _as_stored(kind: Kind, flag: Flag) -> Flag:
    return flag if kind.remembers else Flag(value=flag.value, generation=flag.generation)


def test_the_suite_covers_every_registered_store() -> None:
    assert tuple(flag_stores.all()) == KINDS


def test_a_flag_that_was_never_set_is_none(store: FlagStore) -> None:
    assert store.read() is None


def test_what_is_set_is_read_back(kind: Kind, store: FlagStore) -> None:
    store.compare_and_set(None, FIRST)
    assert store.read() == _as_stored(kind, FIRST)
    assert open_store(kind.url).read() == _as_stored(kind, FIRST)
    store.compare_and_set(store.read(), SECOND)
    assert store.read() == _as_stored(kind, SECOND)


def test_a_provider_enum_is_as_good_as_its_text(kind: Kind, store: FlagStore) -> None:
    store.compare_and_set(None, replace(FIRST, value=Provider.POSTGRES))
    assert read_provider(kind.url) is Provider.POSTGRES


@pytest.mark.parametrize(
    "stale",
    [
        None,
        replace(FIRST, generation=7),
        replace(FIRST, value="postgres"),
        replace(FIRST, generation=0),
    ],
    ids=["never set", "later", "other value", "earlier"],
)
def test_a_stale_flag_fails_and_changes_nothing(
    kind: Kind, store: FlagStore, stale: Flag | None
) -> None:
    store.compare_and_set(None, FIRST)
    with pytest.raises(FlagError, match="moved by someone else") as caught:
        store.compare_and_set(stale, SECOND)
    assert "generation 1" in caught.value.detail
    assert store.read() == _as_stored(kind, FIRST)


def test_a_flag_expected_where_none_was_set_fails_and_sets_none(store: FlagStore) -> None:
    with pytest.raises(FlagError, match="moved by someone else"):
        store.compare_and_set(FIRST, SECOND)
    assert store.read() is None


def test_an_unknown_new_value_is_refused(kind: Kind, store: FlagStore) -> None:
    store.compare_and_set(None, FIRST)
    with pytest.raises(FlagError, match="unknown provider"):
        store.compare_and_set(FIRST, replace(SECOND, value="postgresql"))
    assert store.read() == _as_stored(kind, FIRST)


@pytest.mark.parametrize("typo", ["postgers", "Postgres", "sqllite", "SQLITE", "mysql", "", "1"])
def test_a_typo_selects_no_provider(kind: Kind, store: FlagStore, typo: str) -> None:
    store.compare_and_set(None, FIRST)
    kind.put(typo)
    with pytest.raises(FlagError) as caught:
        read_provider(kind.url, default=Provider.SQLITE)
    assert caught.value.status is ExitStatus.FLAG
    assert caught.value.detail
    assert caught.value.hint
    with pytest.raises(FlagError):
        store.compare_and_set(FIRST, SECOND)


def test_a_near_miss_is_answered_with_the_right_word(kind: Kind, store: FlagStore) -> None:
    store.compare_and_set(None, FIRST)
    kind.put("postgers")
    with pytest.raises(FlagError, match='unknown provider "postgers"') as caught:
        store.read()
    assert caught.value.hint == 'did you mean "postgres"?'


def test_the_default_counts_only_where_the_flag_was_never_set(kind: Kind, store: FlagStore) -> None:
    assert read_provider(kind.url, default=Provider.SQLITE) is Provider.SQLITE
    with pytest.raises(FlagError, match="never set"):
        read_provider(kind.url)
    store.compare_and_set(None, SECOND)
    assert read_provider(kind.url, default=Provider.SQLITE) is Provider.POSTGRES


RACE = """
import sys
from cutover.abc import Flag
from cutover.errors import FlagError
from cutover.flags import open_store
store = open_store(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    generation = int(line)
    expected = Flag(value="sqlite", generation=generation) if generation else None
    new = Flag(value="sqlite", generation=generation + 1, changed_by=sys.argv[2])
    try:
        store.compare_and_set(expected, new)
        print("won", flush=True)
    except FlagError as error:
        print("lost" if "moved" in error.message else error, flush=True)
"""


def _racer(url: str, name: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", RACE, url, name]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)


def _line(racer: "subprocess.Popen[str]") -> str:
    assert racer.stdout is not None
    return racer.stdout.readline().strip()


@pytest.fixture
def racers(kind: Kind) -> Iterator[list["subprocess.Popen[str]"]]:
    processes = [_racer(kind.url, f"racer {number}") for number in range(RACERS)]
    try:
        yield processes
    finally:
        for process in processes:
            process.communicate(timeout=20)


def test_of_several_processes_exactly_one_wins(
    kind: Kind, store: FlagStore, racers: list["subprocess.Popen[str]"]
) -> None:
    assert [_line(racer) for racer in racers] == ["ready"] * RACERS
    for generation in range(8):
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write(f"{generation}\n")
            racer.stdin.flush()
        outcomes = [_line(racer) for racer in racers]
        assert sorted(outcomes) == ["lost"] * (RACERS - 1) + ["won"]
        flag = store.read()
        assert flag is not None
        assert flag.generation == generation + 1
        winner = f"racer {outcomes.index('won')}" if kind.remembers else ""
        assert flag.changed_by == winner


def test_a_process_that_dies_before_the_change_is_in_force_leaves_the_old_flag(
    kind: Kind, store: FlagStore
) -> None:
    store.compare_and_set(None, FIRST)
    # psycopg commits what it has read, too: the process learns to die only after reading.
    script = (
        "import os, sys\n"
        "from cutover.abc import Flag; from cutover.flags import open_store\n"
        "store = open_store(sys.argv[1]); old = store.read()\n"
        f"{kind.dies}\n"
        "store.compare_and_set(old, Flag(value='postgres', generation=2))\n"
    )
    died = subprocess.run([sys.executable, "-c", script, kind.url], cwd=ROOT, check=False)
    assert died.returncode == 9
    assert store.read() == _as_stored(kind, FIRST)
    store.compare_and_set(store.read(), SECOND)
    assert store.read() == _as_stored(kind, SECOND)


@pytest.mark.parametrize(
    "url", ["provider.json", "fiel:provider.json", "", ":x", "postgresql://h/d"]
)
def test_an_unknown_store_is_a_usage_error_that_names_the_known_ones(url: str) -> None:
    with pytest.raises(UsageError, match="there is no flag store") as caught:
        open_store(url)
    assert re.findall(r"\w+(?=:)", caught.value.detail) == list(flag_stores.all())
