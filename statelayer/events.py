"""The rows of run_events, the large table: two writers, and so two forms in one column.

The raw writer always writes seven digits, the second one trims trailing zeros; neither writes a
zone. This is the only part of the generator that is called a million times.
"""

import json
from collections.abc import Callable, Iterator
from random import Random

from statelayer import words
from statelayer.instants import MINUTE, SECOND, naive_text, naive_trimmed_text
from statelayer.story import Campaign, Story

EventRow = tuple[int, str, int, str, str, str]

COLUMNS = ("id", "run_id", "sequence", "event_type", "payload", "created_at")

_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_dump_escaped = json.JSONEncoder(separators=(",", ":")).encode


def run_events(story: Story) -> Iterator[EventRow]:
    """Yield the events in the order of their ids, exactly `story.events` of them.

    Several streams are interleaved, and each numbers its own events from 1; every hundredth id is
    missing.
    """
    rng = story.random("run_events")
    number = 0
    for campaign in story.campaigns:
        last = story.events * (campaign.frame.number + 1) // len(story.campaigns)
        for event in _of_campaign(rng, campaign, last - number):
            yield (1 + number + number // 99, *event)
            number += 1


def _of_campaign(
    rng: Random, campaign: Campaign, count: int
) -> Iterator[tuple[str, int, str, str, str]]:
    streams = campaign.streams
    sequences = [0] * len(streams)
    instant = campaign.frame.opened + MINUTE
    step = (campaign.frame.closed - instant) // (count + 1)
    for number in range(count):
        stream = int(rng.random() * len(streams))
        sequences[stream] += 1
        instant += 1 + int(rng.random() * step)
        kind, payload = _payload(rng, number)
        yield streams[stream], sequences[stream], kind, payload, _created_at(instant, number)


def _created_at(instant: int, number: int) -> str:
    """Write an instant as one of the two writers does."""
    if number % 5 < 3:
        # Now and then the last tick of a second: who rounds the seventh digit lands in the next.
        late = number % 500 == 2
        return naive_text(instant // SECOND * SECOND + SECOND - 1 if late else instant)
    digits = 10 ** (number // 5 % 8)
    return naive_trimmed_text(instant // digits * digits)


def _payload(rng: Random, number: int) -> tuple[str, str]:
    kind, make = _KINDS[number % len(_KINDS)]
    if number % 211 == 0:
        return kind, _BARE[number // 211 % len(_BARE)]
    return kind, (_dump_escaped if number % 3 == 0 else _dump)(make(rng, number))


def _message(rng: Random, number: int) -> dict[str, object]:
    return {"role": "assistant", "content": words.pick(rng, words.BODIES), "turn": number}


def _tool_call(rng: Random, number: int) -> dict[str, object]:
    arguments = {"path": f"src/module_{number % 97}.py", "dry_run": number % 2 == 0, "limit": None}
    return {"tool": "edit_file", "call_id": f"call_{rng.getrandbits(48):012x}", "args": arguments}


def _usage(rng: Random, number: int) -> dict[str, object]:
    tokens = {"in": 100 + number % 4000, "out": int(rng.random() * 900)}
    return {"tokens": tokens, "cost": rng.random() / 100, "cached": [0, 1e-05, 1.5]}


def _state(rng: Random, number: int) -> dict[str, object]:
    reason = words.pick(rng, words.TITLES)
    return {"from": "in_progress", "to": "awaiting_review", "after": number, "reason": reason}


_KINDS: tuple[tuple[str, Callable[[Random, int], dict[str, object]]], ...] = (
    ("message", _message),
    ("tool_call", _tool_call),
    ("message", _message),
    ("usage", _usage),
    ("tool_call", _tool_call),
    ("state_changed", _state),
)
_BARE = ("null", "[]", '""', "{}", "0", "true")
"""JSON that is no object: each means something else, and all of it is valid."""
