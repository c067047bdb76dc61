"""The command of the init container: one schema brought to its head."""

from typing import Annotated

import typer

from cutover.catalog import Provider
from cutover.cli.frame import Call, Result, command
from cutover.migrating import Wait
from cutover.migrating import migrate as bring_to_head
from cutover.report.migrations import migration_facts, print_migration


@command
def migrate(
    call: Call,
    provider: Annotated[
        Provider | None, typer.Option(help="Which schema; without it, what the flag says.")
    ] = None,
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Wait for the server to answer.")
    ] = 0,
    lock_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Wait for others who are migrating.")
    ] = 300,
) -> Result:
    """Bring one provider's schema to head, one process at a time."""
    patience = Wait(server_seconds=wait, lock_seconds=lock_timeout)
    done = bring_to_head(call.session(), provider, wait=patience)
    return Result(facts=migration_facts(done), show=lambda console: print_migration(console, done))
