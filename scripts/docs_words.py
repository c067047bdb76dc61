"""What the generated pages say and the code has no words for; a test finds what is missing."""

from collections.abc import Mapping

from cutover.plan import HazardKind

STATUS_WORDS: Mapping[int, tuple[str, str, str]] = {
    0: ("done, or already so", "go on", "as asked"),
    1: ("an uncaught exception: a bug of ours, never chosen", "report it", "look at the journal"),
    2: ("the command line or the settings are wrong", "fix the call", "untouched"),
    3: ("the answer is no: they differ, there is work", "read the report", "untouched"),
    4: (
        "a guard said no: a hazard is not allowed, a plan is outdated, nothing was verified, "
        "values are unsettled",
        "read the hint",
        "untouched",
    ),
    5: ("the SQLite side said no", "repair the source", "untouched, or resumable"),
    6: ("the PostgreSQL side said no", "repair the target", "resumable"),
    7: ("stopped midway", "run the same command again", "resumable"),
    8: ("the flag store did not answer, or someone else moved it", "look before acting", "look"),
    75: ("a lock or the server was not to be had in time", "try again", "untouched, or resumable"),
    130: ("Ctrl-C", "run the same command again", "resumable"),
    143: ("SIGTERM", "run the same command again", "resumable"),
}
"""What each status means, what a script does, and how the world stands."""

KEY_WORDS: Mapping[str, str] = {
    "source.databases": "The SQLite files, relative to the settings file.",
    "target.url": "Any libpq URL, or `embedded:`, or `embedded:DIR`. Without one, a server of "
    "one's own under the work directory.",
    "target.url_file": "A file that holds the URL: a mounted secret. It wins over `url`.",
    "target.direct_url": "The URL past a transaction pooler. Where it is set, it is the one "
    "that is used. A target that the environment or an option names has nothing to do with the "
    "`direct_url` of the file.",
    "target.auth": "`azure`: where the URL has no password, a token of Microsoft Entra is the "
    "password of every connection. Needs the extra `azure`, and TLS unless the host is a Unix "
    "socket. A single URL asks for it by `?cutover_auth=azure`.",
    "target.schema": "The schema of the application's tables.",
    "sets.sqlite": "The sets of the SQLite files, one for each, in the same order: what "
    "`migrate` brings them to.",
    "sets.postgres": "The set that makes the target. A folder with `env.py` and `versions/`.",
    "sets.triggers": "Where the sets' revisions keep their triggers. They find it themselves; no "
    "command of this version reads it.",
    "names.case": "`exact` keeps every name, `lower` folds it. A name of more than 63 bytes is "
    "cut and given a digest.",
    "tables.exclude": "Shell patterns of tables that are left out, or of columns as "
    "`table.column`. The plan shows each with its pattern.",
    "tables.rename": "The target's name of a table. Here, and wherever a table is named, "
    '`"memory.db:run_events"` is that table of that file alone.',
    "rows.orphans": "What becomes of rows whose parent is not there. `quarantine`: they, and all "
    "that refer to them in their turn, are kept in the target's `cutover.quarantine`. "
    "`not-valid`: they are loaded, and their foreign key is put back NOT VALID.",
    "rows.where": "A condition in SQLite's words. Where it asks for the current time, it gets the "
    "moment of the plan.",
    "rows.reason": "Why the others are left out. Shown in the plan.",
    "columns.nul": "What becomes of text with a NUL, and of `\\u0000` and lone surrogates in JSON: "
    "see [text](coercions/text.md) and [json](coercions/json.md).",
    "columns.utf8": "What becomes of text that is not UTF-8: see [text](coercions/text.md).",
    "diff.baseline": "A file of accepted differences of the configured sets, each with its reason.",
    "flag.store": "`file:PATH`, `dotenv:PATH#KEY`, `postgres:`, `postgres:URL` or "
    "`configmap:NAMESPACE/NAME#KEY`: see [flag stores](flag-stores.md).",
    "verify.level": "`counts` counts rows only, and never opens the flip.",
}
"""What a key means, where the model has no words for it."""

HAZARDS = {
    HazardKind.REPLACE_ROWS: "`apply`, `run`: tables of the target hold rows, which are deleted "
    "before the load.",
    HazardKind.REJECT_ROWS: "`apply`, `run`: rows that can't be taken are left out, and listed "
    "in the ledger; `verify` answers 3.",
    HazardKind.LOSE_WRITES: "`revert`: what was written to the target since the flip stays behind.",
}
