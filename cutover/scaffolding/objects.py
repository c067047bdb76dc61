"""Which bucket an object of the source ends in, with the setting that settles an open one."""

from collections.abc import Mapping
from dataclasses import dataclass

from cutover.plan import Bucket, ObjectPlan
from cutover.settings import Settings


@dataclass(frozen=True, slots=True)
class Judge:
    """Puts objects in buckets; `rejected` is what a server said to statements that it refused."""

    settings: Settings
    rejected: Mapping[str, str]

    def refusal(self, kind: str, name: str) -> str | None:
        """Return why an object can't be had: what the server said of it."""
        said = self.rejected.get(f"{kind}:{name}")
        return f"the server refuses it: {said}" if said else None

    def settled(self, label: str, kind: str, name: str, *, note: str = "") -> ObjectPlan:
        """Return an object that a note says is needless, or without one that the target has."""
        bucket = Bucket.EQUIVALENT if note else Bucket.CARRIED
        return ObjectPlan(database=label, kind=kind, name=name, bucket=bucket, note=note)

    def carried(self, label: str, kind: str, name: str, *, remark: str) -> ObjectPlan:
        """Return an object that the target has, with what a reader should know of it."""
        return ObjectPlan(database=label, kind=kind, name=name, bucket=Bucket.CARRIED, note=remark)

    def excluded(self, label: str, kind: str, name: str, *, note: str) -> ObjectPlan:
        """Return an object that is left out on purpose."""
        return ObjectPlan(database=label, kind=kind, name=name, bucket=Bucket.EXCLUDED, note=note)

    def open(self, label: str, kind: str, name: str, *, note: str) -> ObjectPlan:
        """Return an object that a person must decide on, unless it has been waived."""
        if reason := self.settings.waiver(kind, name):
            return self.excluded(label, kind, name, note=f"waived: {reason}")
        return ObjectPlan(
            database=label,
            kind=kind,
            name=name,
            bucket=Bucket.DECISION,
            note=note,
            setting=f'[waive] "{kind}:{name}" = "why it is not needed"',
        )
