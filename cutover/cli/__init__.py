"""Parse, call, report, exit. No decisions: those are the planner's; the words are the report's."""

from cutover.cli import cutting as cutting  # registers its commands
from cutover.cli import diffing as diffing  # the same
from cutover.cli import doctoring as doctoring  # the same
from cutover.cli import migrating as migrating  # the same
from cutover.cli.frame import Options, app, main

__all__ = ["Options", "app", "main"]
