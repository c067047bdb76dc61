"""What the rules share: how a breach is said."""

from cutover.plan import Finding

BREACH = "breach"


def breach(rule: str, subject: str, message: str, *, detail: str = "", hint: str = "") -> Finding:
    """Return a finding of a rule that is broken."""
    return Finding(
        check=rule, subject=subject, kind=BREACH, message=message, detail=detail, hint=hint
    )


def listed(names: tuple[str, ...]) -> str:
    """Return names for a sentence: `"a", "b"`."""
    return ", ".join(f'"{name}"' for name in names)
