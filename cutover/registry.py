"""Finds the parts of one kind: every module of a leaf package, each of which registers itself.

Registration is a plain call at the end of a leaf, so it can be stepped into. Order never matters;
a name taken twice is an error.
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Generic, TypeVar

from cutover.abc import Check, Coercion, FlagStore, Rule, Symptom

Part = TypeVar("Part")


class Registry(Generic[Part]):
    """The parts of one kind, by name; its package's modules are imported on first use."""

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self.package = package
        self._parts: dict[str, Part] = {}
        self._loaded = False

    def register(self, name: str, part: Part) -> Part:
        """Add a part. ValueError where the name is taken."""
        if name in self._parts:
            raise ValueError(f"two {self.kind}s are named {name!r}")
        self._parts[name] = part
        return part

    def get(self, name: str) -> Part:
        """Return the part of that name. LookupError names the known ones."""
        parts = self.all()
        if name not in parts:
            known = ", ".join(sorted(parts))
            raise LookupError(f"there is no {self.kind} {name!r}; there are {known}")
        return parts[name]

    def all(self) -> dict[str, Part]:
        """Return every part by name, sorted."""
        if not self._loaded:
            package = importlib.import_module(self.package)
            for module in pkgutil.iter_modules(package.__path__, f"{self.package}."):
                importlib.import_module(module.name)
            self._loaded = True
        return dict(sorted(self._parts.items()))


coercions: Registry[Coercion] = Registry("coercion", "cutover.coercions")
checks: Registry[Check] = Registry("check", "cutover.checks")
flag_stores: Registry[Callable[[str], FlagStore]] = Registry("flag store", "cutover.flags")
"""By URL scheme: what follows the colon gives the store."""
symptoms: Registry[Symptom] = Registry("symptom", "cutover.symptoms")
rules: Registry[Rule] = Registry("rule", "cutover.rules")
