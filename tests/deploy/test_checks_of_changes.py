"""The workflow and the hook that run `cutover diff` on a change."""

import re
import shlex
from typing import Any

import jsonschema
import pytest
from check_jsonschema.builtin_schemas import get_builtin_schema
from pydantic import BaseModel, ConfigDict

from tests.fix_deploy import DEPLOY, ROOT, assert_parses, documents

WORKFLOW = DEPLOY / "github" / "schema-diff.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"


def workflow() -> Any:
    (found,) = documents(WORKFLOW)
    # In YAML 1.1 the word `on` is a boolean; GitHub reads it as a word.
    return {("on" if key is True else key): value for key, value in found.items()}


@pytest.mark.parametrize(
    "schema", ["vendor.github-workflows", "custom.github-workflows-require-timeout"]
)
def test_the_workflow_is_valid(schema: str) -> None:
    jsonschema.validate(workflow(), get_builtin_schema(schema))


def test_an_unknown_key_of_a_workflow_is_found() -> None:
    schema = get_builtin_schema("vendor.github-workflows")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**workflow(), "permision": {}}, schema)


def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workflow()["jobs"]["diff"]["steps"]
    return found


def test_the_workflow_runs_commands_of_ours() -> None:
    lines = [step["run"] for step in steps() if "run" in step and "cutover diff" in step["run"]]
    assert len(lines) == 2
    for line in lines:
        name, *words = shlex.split(line.partition(">")[0])[1:]
        assert_parses(name, words, WORKFLOW.name)


def test_the_findings_are_uploaded_though_the_check_failed() -> None:
    *_, written, upload = steps()
    assert f"> {upload['with']['sarif_file']}" in written["run"]
    assert written["if"] == upload["if"] == "${{ !cancelled() }}"
    assert workflow()["jobs"]["diff"]["permissions"]["security-events"] == "write"


def test_every_action_has_a_version_and_is_githubs_own() -> None:
    for step in steps():
        if "uses" in step:
            assert re.fullmatch(r"(actions|github)/[\w/-]+@v\d+", step["uses"])


class Hook(BaseModel):
    """https://pre-commit.com/#creating-new-hooks: what is used here of it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    name: str
    description: str
    entry: str
    language: str
    language_version: str
    additional_dependencies: list[str]
    pass_filenames: bool
    files: str
    require_serial: bool


def test_the_hook_is_valid_and_runs_a_command_of_ours() -> None:
    ((facts,),) = documents(HOOKS)
    hook = Hook.model_validate(facts)
    assert (hook.id, hook.language, hook.pass_filenames) == ("cutover-diff", "python", False)
    program, name, *words = shlex.split(hook.entry)
    assert program == "cutover"
    assert_parses(name, words, HOOKS.name)


@pytest.mark.parametrize(
    ("path", "concerned"),
    [
        ("alembic_postgres/versions/op_0001_baseline.py", True),
        ("triggers/sqlite/run_revisions.sql", True),
        ("cutover.toml", True),
        ("README.md", False),
        ("src/conversions/units.py", False),
    ],
)
def test_the_hook_runs_where_a_set_changed(path: str, *, concerned: bool) -> None:
    ((facts,),) = documents(HOOKS)
    assert bool(re.search(facts["files"], path)) is concerned
