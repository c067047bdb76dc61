"""The rows of memory.db about who may come in: tokens, revocations, sign-ins, experts' findings.

Of everything short-lived some rows have expired and some have not; one expires at this very
moment, which counts as expired. The secrets are made up.
"""

from collections.abc import Iterator

from statelayer import words
from statelayer.instants import DAY, HOUR, MINUTE, trimmed_text
from statelayer.operational import Row, compact
from statelayer.story import Story

_REDIRECTS = "https://client.example/cb\nhttp://127.0.0.1:8123/callback\n"
_EXPIRES = (-3 * DAY, 0, 4 * MINUTE, 9 * MINUTE + 1_234_567, -1)
"""When short-lived rows expire, from now: three of five have."""


def _expiry(story: Story, number: int) -> str:
    return trimmed_text(story.now + _EXPIRES[number % len(_EXPIRES)])


def mcp_refresh_tokens(story: Story) -> Iterator[Row]:
    """Yield chains of four tokens: each consumed by the next, every third chain revoked."""
    rng = story.random("mcp_refresh_tokens")
    for chain in range(8):
        chain_id, person = words.hex_id(rng), words.pick(rng, words.PEOPLE)
        for link in range(4):
            created = story.now - 20 * DAY + (chain * 24 + link) * HOUR + rng.getrandbits(33)
            yield {
                "id": 1 + chain * 5 + link,
                "token_hash": words.hex_id(rng) + words.hex_id(rng),
                "chain_id": chain_id,
                "subject": f"user|{person}",
                "github_login": person,
                "client_id": f"client-{chain % 4}",
                "scope": "mcp:read mcp:write",
                "org": "octo" if chain % 2 else None,
                "created_at": trimmed_text(created),
                "expires_at": trimmed_text(created + 14 * DAY),
                "absolute_expires_at": trimmed_text(created + 90 * DAY),
                "consumed_at": trimmed_text(created + HOUR) if link < 3 else None,
                "revoked_at": trimmed_text(story.now - HOUR) if chain % 3 == 0 else None,
            }


def mcp_revoked_jtis(story: Story) -> Iterator[Row]:
    """Yield revoked access tokens; they are carried whether they have expired or not."""
    rng = story.random("mcp_revoked_jtis")
    for number in range(12):
        yield {
            "id": 1 + number,
            "jti": words.guid(rng),
            "expires_at": _expiry(story, number),
            "revoked_at": trimmed_text(story.now - 5 * DAY - number),
        }


def mcp_client_registrations(story: Story) -> Iterator[Row]:
    """Yield four clients; redirect URIs are a list with a line each."""
    for number in range(4):
        yield {
            "id": 1 + 2 * number,
            "client_id": f"client-{number}",
            "redirect_uris": _REDIRECTS,
            "client_name": f"Client №{number}" if number else None,
            "created_at": trimmed_text(story.now - (40 + number) * DAY),
        }


def mcp_pending_authorizations(story: Story) -> Iterator[Row]:
    """Yield sign-ins that are waiting for a person."""
    rng = story.random("mcp_pending_authorizations")
    for number in range(10):
        yield {
            "id": 1 + number,
            "state": words.hex_id(rng),
            "client_id": f"client-{number % 4}",
            "redirect_uri": "https://client.example/cb",
            "code_challenge": words.hex_id(rng),
            "client_state": "a=b&c=%20" if number % 2 else None,
            "scope": "mcp:read",
            "resource": None if number % 3 else "https://mcp.example/",
            "expires_at": _expiry(story, number),
        }


def mcp_authorization_codes(story: Story) -> Iterator[Row]:
    """Yield codes that a client may redeem once."""
    rng = story.random("mcp_authorization_codes")
    for number in range(10):
        person = words.pick(rng, words.PEOPLE)
        yield {
            "id": 1 + number,
            "code": words.hex_id(rng),
            "subject": f"user|{person}",
            "github_login": person,
            "code_challenge": words.hex_id(rng),
            "redirect_uri": "https://client.example/cb",
            "client_id": f"client-{number % 4}",
            "scope": "mcp:read mcp:write",
            "expires_at": _expiry(story, number),
        }


def oauth_states(story: Story) -> Iterator[Row]:
    """Yield the states of sign-ins that went out to the identity provider."""
    rng = story.random("oauth_states")
    for number in range(10):
        yield {"state": words.hex_id(rng), "expires_at": _expiry(story, number)}


def web_session_exchange_codes(story: Story) -> Iterator[Row]:
    """Yield codes with the access token each would be exchanged for."""
    rng = story.random("web_session_exchange_codes")
    for number in range(10):
        yield {
            "code": words.hex_id(rng),
            "access_token": f"made-up-{words.hex_id(rng)}",
            "login": words.pick(rng, words.PEOPLE),
            "expires_at": _expiry(story, number),
        }


def expert_findings(story: Story) -> Iterator[Row]:
    """Yield findings of three types; the payload is JSON as UTF-8 bytes."""
    rng = story.random("expert_findings")
    confidences = (0.0, 1.0, 0.1 + 0.2, 1 / 3, 5e-324)
    for number in range(8 * len(story.projects)):
        kind = ("risk", "recommendation", "evidence")[number % 3]
        created = story.now - 30 * DAY + number * HOUR + rng.getrandbits(33)
        yield {
            "finding_id": words.guid(rng),
            "pipeline_run_id": story.campaigns[number % len(story.campaigns)].coordinator.run_id,
            "node_id": f"node-{number % 5}",
            "contract_id": f"contract/{kind}/v1",
            "finding_type": kind,
            "schema_version": 1,
            "payload": compact(_payload(kind, words.prose(rng), rng.random())).encode(),
            "confidence": rng.random() if number % 4 else confidences[number // 4 % 5],
            "version": 1 + number % 3,
            "created_at": trimmed_text(created),
            "updated_at": trimmed_text(created + MINUTE),
        }


def _payload(kind: str, text: str, weight: float) -> Row:
    match kind:
        case "risk":
            return {"title": text, "severity": "high", "cost": 12.50}
        case "recommendation":
            return {"title": text, "steps": ["läsen", "schreiben"]}
        case _:
            return {"source": text, "weight": weight}
