"""The manifests: valid by the published schemas, and true to what cutover promises."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import kubernetes_validate
import psycopg
import pytest
import typer
from pydantic import BaseModel, ConfigDict, Field

from cutover import commands
from cutover.errors import ExitStatus
from cutover.flags import open_store
from cutover.registry import flag_stores
from cutover.settings import load_settings, parse_settings
from scripts.docs_words import STATUS_WORDS
from tests.fix_deploy import ROOT, Manifest, assert_parses, manifest, manifests
from tests.fix_reference import System

VERSIONS = ("1.31", "1.34", "1.37")
"""The oldest that has podFailurePolicy for good, one in between, the newest that has schemas."""
SCHEMA_OF_ITS_OWN = "keda.sh/v1alpha1"

ALL = list(manifests())
WITH_PODS = [each for each in ALL if each.pod]


def by_name(each: Manifest) -> str:
    return each.name


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("each", ALL, ids=by_name)
def test_a_manifest_is_valid(each: Manifest, version: str) -> None:
    if each.body["apiVersion"] == SCHEMA_OF_ITS_OWN:
        {"ScaledObject": ScaledObject, "TriggerAuthentication": TriggerAuthentication}[
            each.body["kind"]
        ].model_validate(each.body)
    else:
        kubernetes_validate.validate(each.body, version, strict=True)


def test_the_schemas_are_strict() -> None:
    body = {**manifest("ConfigMap/app-flag").body, "dta": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(body, VERSIONS[0], strict=True)
    body = manifest("ScaledObject/app-worker").body
    with pytest.raises(ValueError, match="Extra inputs"):
        ScaledObject.model_validate({**body, "spec": {**body["spec"], "minReplicas": 1}})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Metadata(_Strict):
    name: str


class _AuthenticationRef(_Strict):
    name: str
    kind: Literal["TriggerAuthentication", "ClusterTriggerAuthentication"] = "TriggerAuthentication"


class _PostgresqlMetadata(_Strict):
    """https://keda.sh/docs/latest/scalers/postgresql: every value is text."""

    query: str
    targetQueryValue: str = Field(pattern=r"^\d+(\.\d+)?$")  # noqa: N815 - KEDA's name
    activationTargetQueryValue: str = Field("0", pattern=r"^\d+(\.\d+)?$")  # noqa: N815


class _Trigger(_Strict):
    type: Literal["postgresql"]
    metadata: _PostgresqlMetadata
    authenticationRef: _AuthenticationRef  # noqa: N815


class _Policy(_Strict):
    type: Literal["Pods", "Percent"]
    value: int
    periodSeconds: int = Field(ge=1, le=1800)  # noqa: N815


class _Rules(_Strict):
    stabilizationWindowSeconds: int = Field(ge=0, le=3600)  # noqa: N815
    policies: list[_Policy]


class _Behavior(_Strict):
    scaleDown: _Rules | None = None  # noqa: N815
    scaleUp: _Rules | None = None  # noqa: N815


class _AutoscalerConfig(_Strict):
    behavior: _Behavior


class _Advanced(_Strict):
    horizontalPodAutoscalerConfig: _AutoscalerConfig  # noqa: N815


class _Fallback(_Strict):
    failureThreshold: int  # noqa: N815
    replicas: int


class _ScaledSpec(_Strict):
    scaleTargetRef: _Metadata  # noqa: N815
    pollingInterval: int = 30  # noqa: N815
    cooldownPeriod: int = 300  # noqa: N815
    minReplicaCount: int = 0  # noqa: N815
    maxReplicaCount: int = 100  # noqa: N815
    fallback: _Fallback | None = None
    advanced: _Advanced | None = None
    triggers: list[_Trigger]


class ScaledObject(_Strict):
    """https://keda.sh/docs/latest/reference/scaledobject-spec: what is used here of it."""

    apiVersion: Literal["keda.sh/v1alpha1"]  # noqa: N815
    kind: Literal["ScaledObject"]
    metadata: _Metadata
    spec: _ScaledSpec


class _SecretTarget(_Strict):
    parameter: Literal["connection", "host", "port", "userName", "password", "dbName", "sslmode"]
    name: str
    key: str


class _AuthenticationSpec(_Strict):
    secretTargetRef: list[_SecretTarget]  # noqa: N815


class TriggerAuthentication(_Strict):
    """https://keda.sh/docs/latest/concepts/authentication: what is used here of it."""

    apiVersion: Literal["keda.sh/v1alpha1"]  # noqa: N815
    kind: Literal["TriggerAuthentication"]
    metadata: _Metadata
    spec: _AuthenticationSpec


def test_every_object_that_another_names_is_there_or_is_made_by_hand() -> None:
    by_hand = {"Secret/app-database", "PersistentVolumeClaim/app-data"}
    named: set[str] = set()
    for each in WITH_PODS:
        pod = each.pod or {}
        named.add(f"ServiceAccount/{pod['serviceAccountName']}")
        for volume in pod["volumes"]:
            named |= (
                {f"ConfigMap/{volume['configMap']['name']}"} if "configMap" in volume else set()
            )
            named |= {f"Secret/{volume['secret']['secretName']}"} if "secret" in volume else set()
            claim = volume.get("persistentVolumeClaim")
            named |= {f"PersistentVolumeClaim/{claim['claimName']}"} if claim else set()
    scaled = manifest("ScaledObject/app-worker").body["spec"]
    named |= {f"Deployment/{scaled['scaleTargetRef']['name']}"}
    named |= {f"TriggerAuthentication/{scaled['triggers'][0]['authenticationRef']['name']}"}
    assert named - {each.name for each in ALL} == by_hand
    assert {f"Secret/{s['name']}" for s in _secrets_of_keda()} <= by_hand


def _secrets_of_keda() -> list[dict[str, str]]:
    spec = manifest("TriggerAuthentication/app-database").body["spec"]
    found: list[dict[str, str]] = spec["secretTargetRef"]
    return found


@pytest.mark.parametrize("each", WITH_PODS, ids=by_name)
def test_every_mount_has_its_volume_and_every_selector_its_pods(each: Manifest) -> None:
    volumes = {volume["name"] for volume in (each.pod or {})["volumes"]}
    mounted = {mount["name"] for c in each.containers for mount in c["volumeMounts"]}
    assert mounted == volumes
    selector = each.body["spec"].get("selector", {}).get("matchLabels", {})
    assert selector.items() <= each.body["spec"]["template"]["metadata"]["labels"].items()


def test_every_budget_and_service_selects_pods() -> None:
    labels = [each.body["spec"]["template"]["metadata"]["labels"] for each in WITH_PODS]
    for each in ALL:
        if each.body["kind"] in {"PodDisruptionBudget", "Service"}:
            selector = each.body["spec"]["selector"]
            wanted = selector.get("matchLabels", selector).items()
            assert [pod for pod in labels if wanted <= pod.items()], each.name


@pytest.mark.parametrize("each", WITH_PODS, ids=by_name)
def test_no_pod_may_do_more_than_it_must(each: Manifest) -> None:
    pod = each.pod or {}
    security = pod["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] > 0
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert "fsGroup" not in security, "it changes the group and the mode of the SQLite files"
    for container in each.containers:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"]["cpu"]
        writable = [m["mountPath"] for m in container["volumeMounts"] if not m.get("readOnly")]
        assert "/tmp" in writable


def test_roles_name_one_object_and_no_verb_too_many() -> None:
    rules = {
        each.body["metadata"]["name"]: each.body["rules"]
        for each in ALL
        if each.body["kind"] == "Role"
    }
    one = {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["app-flag"]}
    assert rules == {
        "app-flag-read": [{**one, "verbs": ["get"]}],
        "app-flag-change": [{**one, "verbs": ["get", "patch"]}],
    }
    bound = {
        each.body["roleRef"]["name"]: [subject["name"] for subject in each.body["subjects"]]
        for each in ALL
        if each.body["kind"] == "RoleBinding"
    }
    assert bound == {"app-flag-read": ["app"], "app-flag-change": ["cutover"]}


def test_applying_the_flags_manifest_flips_nothing() -> None:
    body = manifest("ConfigMap/app-flag").body
    assert "data" not in body
    assert not body.get("immutable")


def _values(container: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in container.get("env", [])}


def test_every_flag_store_named_is_one_that_can_be_opened() -> None:
    urls = {
        value
        for each in WITH_PODS
        for container in each.containers
        for name, value in _values(container).items()
        if name in {"CUTOVER_FLAG_STORE", "APP_FLAG"}
    }
    assert len(urls) == 1
    store = open_store(urls.pop().replace("$(POD_NAMESPACE)", "apps"))
    assert isinstance(store, flag_stores.all()["configmap"])
    assert manifest(f"ConfigMap/{store.map.name}")


def command_lines() -> list[tuple[str, list[str]]]:
    found = [
        (f"{each.name} {container['name']}", container["args"])
        for each in WITH_PODS
        for container in each.containers
        if container["image"] == "cutover"
    ]
    assert {words[0] for _, words in found} == {"migrate", "apply", "verify", "flip"}
    return found


@pytest.mark.parametrize(
    ("where", "words"), command_lines(), ids=[name for name, _ in command_lines()]
)
def test_every_command_is_one_of_ours(where: str, words: list[str]) -> None:
    assert_parses(words[0], words[1:], where)


def test_words_that_are_none_of_ours_are_found() -> None:
    with pytest.raises(typer.exceptions.TyperException):
        assert_parses("apply", ["--forse"], "a typo")
    with pytest.raises(AssertionError):
        assert_parses("aply", [], "a typo")


def test_the_variables_are_settings_and_their_files_are_mounted() -> None:
    text = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    for each in WITH_PODS:
        for container in each.containers:
            values = _values(container)
            ours = [name for name in values if name.startswith("CUTOVER_")]
            assert [name for name in ours if f"`{name}`" not in text] == []
            paths = {mount["mountPath"] for mount in container["volumeMounts"]}
            files = [value for name, value in values.items() if name.endswith("_FILE")]
            assert files, f"{each.name} {container['name']} has no database"
            assert {str(Path(file).parent) for file in files} <= paths
            if container["image"] == "cutover":
                config = container["args"][container["args"].index("--config") + 1]
                assert str(Path(config).parent) in paths


def test_the_settings_are_read_and_are_those_of_the_reference_system() -> None:
    text = manifest("ConfigMap/cutover-settings").body["data"]["cutover.toml"]
    settings = parse_settings(tomllib.loads(text), base=Path("/etc/cutover"))
    assert settings.databases == (Path("/data/operational.db"), Path("/data/memory.db"))
    assert settings.target.url is None
    template = (ROOT / "statelayer" / "reference.toml").read_text(encoding="utf-8")
    columns = template[template.index("[columns]") : template.index("[rows]")]
    reference = parse_settings(tomllib.loads(columns), base=Path())
    assert settings.columns == reference.columns
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    for place in (*settings.sets.sqlite, settings.sets.postgres, settings.sets.triggers):
        inside = Path(str(place)).relative_to("/app")
        assert (ROOT / inside).is_dir()
        assert f"COPY {inside.parts[0]} /app/{inside.parts[0]}" in dockerfile


def test_the_settings_settle_every_value_of_the_reference_system(
    system: System, tmp_path: Path
) -> None:
    text = manifest("ConfigMap/cutover-settings").body["data"]["cutover.toml"]
    config = tmp_path / "of-the-manifest.toml"
    places = text.replace('"/data/', f'"{system.directory}/').replace('"/app/', f'"{ROOT}/')
    # The test's own server lets everybody in, with no password and no token.
    config.write_text(places.replace('auth = "azure"', ""), encoding="utf-8")
    settings = load_settings(config, environment={"CUTOVER_TARGET_URL": system.url})
    planned = commands.plan(replace(system.session, settings=settings))
    assert planned.unsettled == ()
    ours = load_settings(system.directory / "cutover.toml", environment={})
    assert set(settings.rows) == set(ours.rows)
    assert settings.tables == ours.tables
    filters = {table.source: table.where for table in planned.tables if table.source in ours.rows}
    assert len(filters) == len(ours.rows)
    # Each asks the clock, and the plan has written its own moment there.
    assert [where for where in filters.values() if "2026-07-01T12:00:00Z" not in str(where)] == []


def test_the_pod_failure_policy_is_what_the_statuses_mean() -> None:
    job = manifest("Job/cutover-load-").body["spec"]
    ignored, failed, counted = job["podFailurePolicy"]["rules"]
    assert ignored["onPodConditions"] == [{"type": "DisruptionTarget", "status": "True"}]
    assert (ignored["action"], failed["action"], counted["action"]) == (
        "Ignore",
        "FailJob",
        "Count",
    )
    # The same again ends the same where somebody has to act and nothing was touched.
    untouched = {number for number, words in STATUS_WORDS.items() if words[2] == "untouched"}
    assert set(failed["onExitCodes"]["values"]) == untouched
    assert untouched == {ExitStatus.USAGE, ExitStatus.FINDINGS, ExitStatus.REFUSED}
    again = {
        number
        for number, (_, action, _) in STATUS_WORDS.items()
        if action in {"run the same command again", "try again", "report it"}
    }
    again.discard(ExitStatus.INTERRUPTED)  # nobody presses Ctrl-C in a pod
    assert set(counted["onExitCodes"]["values"]) == again
    assert again == {1, ExitStatus.PARTIAL, ExitStatus.TRY_AGAIN, ExitStatus.TERMINATED}
    assert {each["onExitCodes"]["operator"] for each in (failed, counted)} == {"In"}
    assert job["template"]["spec"]["restartPolicy"] == "Never"  # the policy needs it
    assert 0 < job["backoffLimit"] <= 2
    assert job["activeDeadlineSeconds"]
    assert job["ttlSecondsAfterFinished"]


def test_a_load_is_applied_first_and_cant_write_to_the_source() -> None:
    job = manifest("Job/cutover-load-")
    assert [container["args"][0] for container in job.containers] == ["apply", "verify"]
    for container in job.containers:
        (data,) = [mount for mount in container["volumeMounts"] if mount["mountPath"] == "/data"]
        assert data["readOnly"] is True


def test_a_flip_is_never_retried() -> None:
    job = manifest("Job/cutover-flip-").body["spec"]
    assert job["backoffLimit"] == 0
    (rule,) = job["podFailurePolicy"]["rules"]
    assert rule == {"action": "FailJob", "onExitCodes": {"operator": "NotIn", "values": [0]}}


@pytest.mark.parametrize("name", ["app-web", "app-worker"])
def test_a_deployment_drains_before_it_stops(name: str) -> None:
    each = manifest(f"Deployment/{name}")
    pod = each.pod or {}
    (main,) = pod["containers"]
    assert pod["terminationGracePeriodSeconds"] > main["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert main["readinessProbe"]
    assert each.body["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert pod["initContainers"][0]["args"][:3] == ["migrate", "--wait", "120"]
    assert not any("persistentVolumeClaim" in volume for volume in pod["volumes"])
    assert manifest(f"PodDisruptionBudget/{name}")


def test_keda_alone_counts_the_workers() -> None:
    assert "replicas" not in manifest("Deployment/app-worker").body["spec"]
    assert "replicas" in manifest("Deployment/app-web").body["spec"]


def test_the_scalers_query_counts_the_queued_runs(applied: System) -> None:
    (trigger,) = manifest("ScaledObject/app-worker").body["spec"]["triggers"]
    with psycopg.connect(applied.url) as connection:
        before = connection.execute(trigger["metadata"]["query"]).fetchall()
        connection.execute("UPDATE runs SET status = 'completed'")
        assert connection.execute(trigger["metadata"]["query"]).fetchall() == [(0,)]
        one = "WHERE run_id = (SELECT min(run_id) FROM runs)"
        connection.execute(f"UPDATE runs SET status = 'pending' {one}".encode())
        assert connection.execute(trigger["metadata"]["query"]).fetchall() == [(1,)]
        connection.rollback()
    assert isinstance(before[0][0], int)


def test_no_manifest_holds_a_secret() -> None:
    assert "Secret" not in {each.body["kind"] for each in ALL}
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "deploy").rglob("*.y*ml")]
    assert not [text for text in texts if re.search(r"postgres(ql)?://\S*:\S*@", text)]


def test_images_are_plain_names() -> None:
    images = {container["image"] for each in WITH_PODS for container in each.containers}
    assert images == {"cutover", "app"}
