"""The `configmap:` store: one key and its siblings, changed where the version is still the read."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cutover import commands
from cutover.abc import Flag
from cutover.catalog import Provider
from cutover.errors import ExitStatus, FlagError, UsageError
from cutover.flags import open_store, read_provider
from cutover.settings import load_settings
from tests.fix_kubernetes import TOKEN, Cluster, _write_certificate, write_kubeconfig
from tests.fix_reference import System

URL = "configmap:apps/app-flag#DB_PROVIDER"
ROOT = Path(__file__).resolve().parents[2]
FLAG = Flag(
    value="postgres",
    generation=3,
    changed_at="2026-07-01T12:00:00Z",
    changed_by="søren",
    plan_digest="0f" * 32,
)


@pytest.fixture
def made(cluster: Cluster) -> Cluster:
    cluster.make("apps", "app-flag", {"LOG_LEVEL": "info"})
    return cluster


def test_the_flag_and_its_generation_are_keys_that_a_pod_can_mount(made: Cluster) -> None:
    open_store(URL).compare_and_set(None, FLAG)
    assert made.data("apps", "app-flag") == {
        "LOG_LEVEL": "info",
        "DB_PROVIDER": "postgres",
        "DB_PROVIDER_GENERATION": "3",
        "DB_PROVIDER_CHANGED_AT": "2026-07-01T12:00:00Z",
        "DB_PROVIDER_CHANGED_BY": "søren",
        "DB_PROVIDER_PLAN_DIGEST": "0f" * 32,
    }


def test_two_flags_of_one_config_map_are_apart(made: Cluster) -> None:
    open_store(URL).compare_and_set(None, FLAG)
    other = open_store("configmap:apps/app-flag#OTHER")
    assert other.read() is None
    other.compare_and_set(None, Flag(value="sqlite", generation=1))
    assert open_store(URL).read() == FLAG
    assert made.data("apps", "app-flag")["LOG_LEVEL"] == "info"


def test_a_key_written_by_hand_is_in_generation_0(made: Cluster) -> None:
    made.edit("apps", "app-flag", {"DB_PROVIDER": "sqlite"})
    assert open_store(URL).read() == Flag(value="sqlite", generation=0)


def test_of_two_writers_that_have_read_the_same_the_second_loses(made: Cluster) -> None:
    store = open_store(URL)
    store.compare_and_set(None, FLAG)
    made.meanwhile = {"DB_PROVIDER": "sqlite", "DB_PROVIDER_GENERATION": "4"}
    with pytest.raises(FlagError, match="moved by someone else; nothing was changed") as caught:
        store.compare_and_set(FLAG, Flag(value="sqlite", generation=9))
    assert made.requests[-2:] == ["PATCH", "GET"]  # it was the API that said no
    assert (
        caught.value.detail == 'expected "postgres" in generation 3, found "sqlite" in generation 4'
    )
    assert made.data("apps", "app-flag")["DB_PROVIDER_GENERATION"] == "4"


def test_a_change_of_another_key_in_between_is_a_conflict_too(made: Cluster) -> None:
    made.meanwhile = {"LOG_LEVEL": "debug"}
    with pytest.raises(FlagError, match="moved by someone else meanwhile; nothing") as caught:
        open_store(URL).compare_and_set(None, FLAG)
    assert caught.value.hint == "try again"
    assert open_store(URL).read() is None


def test_a_config_map_that_is_not_there_is_a_mistake(cluster: Cluster) -> None:
    with pytest.raises(FlagError, match="the API refused") as caught:
        read_provider(URL, default=Provider.SQLITE)
    assert caught.value.detail == '404: configmaps "app-flag" not found'
    assert caught.value.hint.endswith("kubectl -n apps create configmap app-flag")
    with pytest.raises(FlagError):
        open_store(URL).compare_and_set(None, FLAG)
    assert cluster.objects == {}


def test_a_missing_rule_is_told_with_the_command_that_adds_it(made: Cluster) -> None:
    made.refusal = 403
    with pytest.raises(FlagError, match="the API refused") as caught:
        open_store(URL).read()
    assert caught.value.status is ExitStatus.FLAG
    assert "no RBAC rule" in caught.value.detail
    assert "--verb=get,patch --resource=configmaps --resource-name=app-flag" in caught.value.hint


def test_a_login_that_is_over_is_told_without_the_token(made: Cluster) -> None:
    write_kubeconfig(made.kubeconfig, made.url, token="0ld-s3cret")
    with pytest.raises(FlagError, match="the API refused") as caught:
        open_store(URL).read()
    assert caught.value.detail == "401: Unauthorized"
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__}"


def test_an_api_that_fails_is_no_answer(made: Cluster) -> None:
    made.refusal = 503
    with pytest.raises(FlagError, match="the API refused"):
        read_provider(URL, default=Provider.SQLITE)


def test_an_unreachable_api_is_asked_once(made: Cluster) -> None:
    write_kubeconfig(made.kubeconfig, "http://127.0.0.1:1")
    began = time.monotonic()
    with pytest.raises(FlagError, match="did not answer") as caught:
        read_provider(URL, default=Provider.SQLITE)
    assert time.monotonic() - began < 5
    assert "refused" in caught.value.detail
    assert TOKEN not in f"{caught.value} {caught.value.__cause__}"


def test_an_answer_that_never_comes_is_not_waited_for_for_ever(
    made: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cutover.flags._cluster._SECONDS", (0.2, 0.2))
    with made.lock, pytest.raises(FlagError, match="did not answer") as caught:
        open_store(URL).read()
    assert "timed out" in caught.value.detail


def test_a_patch_without_an_answer_may_have_been_made(
    made: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_: object, **__: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr("kubernetes.client.CoreV1Api.patch_namespaced_config_map", lose)
    with pytest.raises(FlagError, match="did not answer") as caught:
        open_store(URL).compare_and_set(None, FLAG)
    assert "cutover status" in caught.value.hint
    assert made.requests == ["GET"]


def test_without_any_configuration_it_says_where_to_look(cluster: Cluster) -> None:
    cluster.kubeconfig.write_text("{}")
    with pytest.raises(FlagError, match="did not answer") as caught:
        open_store(URL).read()
    assert caught.value.hint


@pytest.mark.parametrize("generation", ["many", "-1", "1.0", ""])
def test_a_generation_that_is_no_number_is_an_error(made: Cluster, generation: str) -> None:
    data = {"DB_PROVIDER": "sqlite", "DB_PROVIDER_GENERATION": generation}
    made.edit("apps", "app-flag", data)
    with pytest.raises(FlagError, match="no generation"):
        open_store(URL).read()


def test_a_key_that_is_gone_is_not_a_flag_that_was_never_set(made: Cluster) -> None:
    made.edit("apps", "app-flag", {"DB_PROVIDER_GENERATION": "3"})
    with pytest.raises(FlagError, match="is gone"):
        read_provider(URL, default=Provider.SQLITE)


@pytest.mark.parametrize(
    "place",
    ["", "app-flag#DB", "apps/app-flag", "apps/#DB", "Apps/flag#DB", "a/b/c#DB", "a/b#", "a/b#x y"],
)
def test_a_place_without_its_three_parts_is_a_usage_error(place: str) -> None:
    with pytest.raises(UsageError, match="no namespace, name and key"):
        open_store(f"configmap:{place}")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    with pytest.raises(UsageError, match='needs the extra "kubernetes"') as caught:
        open_store(URL).read()
    assert caught.value.hint == "pip install 'cutover[kubernetes]'"


def test_reading_a_file_does_not_import_the_client() -> None:
    script = "import sys, cutover.flags.configmap; sys.exit('kubernetes' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_in_a_pod_the_service_account_comes_before_any_kubeconfig(pod: Cluster) -> None:
    pod.make("apps", "app-flag")
    write_kubeconfig(pod.kubeconfig, "http://127.0.0.1:1")
    store = open_store(URL)
    store.compare_and_set(None, FLAG)
    assert store.read() == FLAG


def test_a_server_with_another_certificate_gets_no_token(pod: Cluster, tmp_path: Path) -> None:
    pod.make("apps", "app-flag")
    other = tmp_path / "other"
    other.mkdir()
    _write_certificate(tmp_path / "ca.crt", other / "tls.key")
    with pytest.raises(FlagError, match="did not answer") as caught:
        open_store(URL).read()
    assert "CERTIFICATE_VERIFY_FAILED" in caught.value.detail
    assert pod.requests == []


def test_a_cutover_flips_and_reverts_it(applied: System, made: Cluster) -> None:
    settings = load_settings(
        applied.directory / "cutover.toml",
        environment={"CUTOVER_TARGET_URL": applied.url, "CUTOVER_FLAG_STORE": URL},
    )
    session = replace(applied.session, settings=settings)
    assert commands.verify(session).outcome.passed
    commands.flip(session)
    assert read_provider(URL) is Provider.POSTGRES
    flag = commands.status(session).flag
    assert flag is not None
    assert flag.changed_by == "a test"
    commands.revert(session)
    assert made.data("apps", "app-flag")["DB_PROVIDER"] == "sqlite"
    assert made.data("apps", "app-flag")["DB_PROVIDER_GENERATION"] == "2"
