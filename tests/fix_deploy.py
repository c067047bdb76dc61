"""What is deployed, read strictly: YAML without twice-given keys, and the commands in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
import yaml

from cutover import cli

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
STAGES = ("inspect", "plan", "apply", "verify", "flip", "revert", "status")
CONTRACT = frozenset({"demo", "run", "init", *STAGES, "migrate", "diff", "doctor"})
SOON = frozenset({"migrate", "diff", "doctor"})
"""Commands that may be named before they are there; each is held to its options once it is."""


class _Strict(yaml.SafeLoader):
    """PyYAML takes the last of two equal keys, where the Kubernetes API refuses."""


def _mapping(loader: _Strict, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    twice = {key for key in keys if keys.count(key) > 1}
    assert not twice, f"line {node.start_mark.line + 1}: {twice} is given twice"
    return loader.construct_mapping(node, deep=True)


_Strict.add_constructor("tag:yaml.org,2002:map", _mapping)


def documents(path: Path) -> list[Any]:
    """Return the documents of a YAML file."""
    return list(yaml.load_all(path.read_text(encoding="utf-8"), Loader=_Strict))


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object of a manifest file."""

    file: str
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """Kind and name, to find it by."""
        metadata = self.body["metadata"]
        return f"{self.body['kind']}/{metadata.get('name') or metadata['generateName']}"

    @property
    def pod(self) -> dict[str, Any] | None:
        """The pod's spec, where there is one."""
        found: dict[str, Any] | None
        found = self.body.get("spec", {}).get("template", {}).get("spec")
        return found

    @property
    def containers(self) -> list[dict[str, Any]]:
        """Every container, those of the start first."""
        pod = self.pod or {}
        return [*pod.get("initContainers", []), *pod.get("containers", [])]


def manifests() -> Iterator[Manifest]:
    """Yield every object of deploy/kubernetes."""
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        for body in documents(path):
            yield Manifest(path.name, body)


def manifest(name: str) -> Manifest:
    """Return the object of a kind and name."""
    (found,) = [each for each in manifests() if each.name == name]
    return found


def assert_parses(name: str, words: list[str], where: str) -> None:
    """Require that the command line takes these words, without running them."""
    assert name in CONTRACT, where
    group: Any = typer.main.get_command(cli.app)
    if name not in group.commands:
        assert name in SOON, f"{where}: there is no command {name}"
        return
    group.commands[name].make_context(name, list(words))
