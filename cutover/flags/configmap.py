"""The flag in a Kubernetes ConfigMap: `configmap:NAMESPACE/NAME#KEY`.

    data:
      DB_PROVIDER: postgres
      DB_PROVIDER_GENERATION: "3"
      DB_PROVIDER_CHANGED_AT: …      and _CHANGED_BY, _PLAN_DIGEST

The generation is a key and not an annotation, so that a pod that mounts the ConfigMap gets the
fencing token beside the flag. A ConfigMap without KEY is a flag that was never set, one without
the generation is in generation 0; no ConfigMap is a mistake, and never made here. A change is one
merge patch of these keys that names the `resourceVersion` read before; the API answers 409 where
that is no longer the current one (https://kubernetes.io/docs/reference/using-api/api-concepts/).
Needs the extra `kubernetes`, and a role that may `get` and `patch` this one ConfigMap. The API is
the pod's own where there is a service account, else that of the current kubeconfig context.
"""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from cutover.abc import Flag
from cutover.errors import FlagError, UsageError
from cutover.flags import _cluster, assert_same, known
from cutover.registry import flag_stores

_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_PLACE = re.compile(rf"({_LABEL})/({_LABEL}(?:\.{_LABEL})*)#([-._a-zA-Z0-9]{{1,200}})")
_FACTS = tuple(field.name for field in fields(Flag) if field.name != "value")


class ConfigMapStore:
    """One flag, one key; its siblings hold the rest."""

    def __init__(self, place: str) -> None:
        matched = _PLACE.fullmatch(place)
        if matched is None:
            message = f'the flag store "configmap:{place}" names no namespace, name and key'
            raise UsageError(message, hint="configmap:default/app-flag#DB_PROVIDER")
        namespace, name, self.key = matched.groups()
        self.map = _cluster.ConfigMap(namespace, name)
        self.where = f'"{self.key}" in ConfigMap "{namespace}/{name}"'

    def read(self) -> Flag | None:
        """Return the flag, None where the ConfigMap has neither KEY nor a generation."""
        return self._parse(_cluster.read(self.map, self.where)[0])

    def compare_and_set(self, expected: Flag | None, new: Flag) -> None:
        """Patch the keys of the version that was read. FlagError as `FlagStore` says."""
        data = {self.key: known(str(new.value), "the new flag")}
        data |= {self._sibling(fact): str(getattr(new, fact)) for fact in _FACTS}
        stored, version = _cluster.read(self.map, self.where)
        assert_same(self._parse(stored), expected, self.where)
        if not _cluster.patch(self.map, self.where, data=data, version=version):
            assert_same(self.read(), expected, self.where)
            message = f"the ConfigMap of {self.where} was moved by someone else meanwhile"
            raise FlagError(f"{message}; nothing was changed", hint="try again")

    def _parse(self, data: Mapping[str, str]) -> Flag | None:
        companion = self._sibling("generation")
        if self.key not in data:
            if companion not in data:
                return None
            hint = f"put it back: kubectl -n {self.map.namespace} edit configmap {self.map.name}"
            raise FlagError(f"{self.where} is gone; its generation is there", hint=hint)
        generation = data.get(companion, "0")
        if not re.fullmatch(r"[0-9]{1,18}", generation):
            detail = f"{companion} is not a whole number"
            raise FlagError(f"{self.where} has no generation", detail=detail, hint="restore it")
        known(data[self.key], self.where)
        facts: dict[str, Any] = {fact: data.get(self._sibling(fact), "") for fact in _FACTS}
        return Flag(value=data[self.key], **{**facts, "generation": int(generation)})

    def _sibling(self, fact: str) -> str:
        return f"{self.key}_{fact.upper()}"


flag_stores.register("configmap", ConfigMapStore)
