"""Plans for tests that need one and nothing in it."""

from cutover.catalog import Catalog, Provider
from cutover.plan import Plan

NO_WORK = Plan(
    sources=(),
    target="",
    schema="public",
    expected=Catalog(provider=Provider.POSTGRES, label="set"),
    tables=(),
    objects=(),
    numbers=(),
    steps=(),
    findings=(),
)
