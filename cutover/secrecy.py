"""A profile that may be shown: samples of secret columns say where a value stands, not what it is.

What a plan, a report or a log can hold is made from profiles, so this is the one place to look at.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from cutover.profile import UNTOLD, Clash, ColumnProfile, Sample, TableProfile, Tally


def untold(profile: TableProfile, secret: Collection[str], key: Collection[str]) -> TableProfile:
    """Return a profile without the values of the `secret` columns.

    `key` are the columns by which its samples are told: where one of them is secret, so are they.
    """
    if not secret:
        return profile
    keys = any(name in secret for name in key)
    columns = (_column(c, keys=keys, values=c.column in secret) for c in profile.columns)
    clashes = tuple(_clash(clash, keys=keys) for clash in profile.clashes)
    return replace(profile, columns=tuple(columns), clashes=clashes)


def _column(profile: ColumnProfile, *, keys: bool, values: bool) -> ColumnProfile:
    def masked(tallies: Mapping[str, Tally]) -> dict[str, Tally]:
        return {name: _tally(tally, keys=keys, values=values) for name, tally in tallies.items()}

    return replace(
        profile,
        classes=masked(profile.classes),
        forms=masked(profile.forms),
        problems=masked(profile.problems),
        questions=masked(profile.questions),
    )


def _tally(tally: Tally, *, keys: bool, values: bool) -> Tally:
    samples = (_sample(sample, keys=keys, values=values) for sample in tally.samples)
    return replace(tally, samples=tuple(samples))


def _clash(clash: Clash, *, keys: bool) -> Clash:
    """Return a clash without its values: which of them are secret is not known any more."""
    samples = (_sample(sample, keys=keys, values=True) for sample in clash.samples)
    return replace(clash, samples=tuple(samples))


def _sample(sample: Sample, *, keys: bool, values: bool) -> Sample:
    key = tuple(UNTOLD for _ in sample.key) if keys else sample.key
    return Sample(key, UNTOLD if values else sample.value)
