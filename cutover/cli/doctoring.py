"""The command that looks both databases over before a cutover."""

import time

from cutover.cli.frame import Call, Result, command
from cutover.doctor import doctor as examine
from cutover.errors import ExitStatus
from cutover.report.health import diagnosis_facts, print_diagnosis
from cutover.signs import Level


@command
def doctor(call: Call) -> Result:
    """Look both databases over for what would stop a cutover.

    Each answer that needs one has its remedy.
    """
    found = examine(call.session(), clock=time.time)
    problems = found.count(Level.PROBLEM)
    return Result(
        status=ExitStatus.FINDINGS if problems else ExitStatus.OK,
        facts=diagnosis_facts(found),
        show=lambda console: print_diagnosis(console, found),
    )
