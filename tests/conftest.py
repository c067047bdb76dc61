"""Plugins and markers only; each fixture lives in the `fix_` module of its subject."""

import signal

# A shell that runs the suite in the background has it ignore SIGINT, and children inherit that:
# what is sent one would never arrive. A handler of Python's own is not inherited.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = [
    "tests.fix_cli",
    "tests.fix_pgbouncer",
    "tests.fix_postgres",
    "tests.fix_reference",
    "tests.fix_rules",
    "tests.fix_sets",
    "tests.fix_kubernetes",
    "tests.fix_move",
    "tests.fix_mutants",
    "tests.fix_ddl",
    "tests.fix_sqlite",
    "tests.fix_interruptions",  # after those that it imports
]
