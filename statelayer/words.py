r"""What people and agents of the reference system write: text as it is found in the wild.

Several lines, both kinds of line end, quotes, backslashes (COPY's own `\N` and `\.` among them),
tabs, per cent signs, braces, scripts other than Latin, emoji of several code points.
"""

from random import Random

PEOPLE = ("ada", "grace.h", "linus-t", "søren", "zoë", "müller_k", "山田", "o'neil")
AGENTS = ("architect", "backend-smith", "frontend-smith", "tester", "rai-reviewer", "scribe")
MODELS = ("sonnet-large", "gpt-mini-2026", "local/llama-70b", "o-series")
PROVIDERS = ("copilot", "foundry")
TAGS = ("api", "schema", "ui", "naïve", "c#", "50%", "日本")

TITLES = (
    "Keep the parser's public API as it is",
    "Retry on 40001, not on 23505",
    'Rename "blob" to "artifact" everywhere',
    "Use tabs\tin the Makefile only",
    "Don't escape {braces} twice",
    "Cache at most 10% of the heap",
    "Überlange Namen kürzen",
    "回滚计划、先读后写",
    "Ship it 🚀",
)

BODIES = (
    "Tests pass locally.\nCI is red on Windows only: the path is C:\\temp\\new\\run.\n",
    "He said \"no\", she said 'yes'; both meant `maybe`.",
    "Line one\r\nLine two\r\n\r\nLine four, after an empty one",
    "\\N is how COPY spells NULL, and a line with \\. alone would end it:\n\\.\nnot here.",
    "key\tvalue\n---\t-----\na\t1\nb\t\n",
    "100% of {requests} took < 5 ms; format strings like %s, %(name)s and {0!r} stay as they are.",
    "Grüße aus Zürich — naïve façade, Ωμέγα, Привет, こんにちは, שלום, \u202eright-to-left\u202c.",
    "👩‍💻 paired with 🧑🏽‍🚀 on this; 🇨🇭 next week.",
    "e\u0301 is not é to a byte comparison, and \u2028 is a line separator.",
    "   leading and trailing blanks matter   ",
    "```sql\nSELECT '1'::int, \"odd name\" FROM t WHERE x LIKE '50\\%' ESCAPE '\\';\n```",
    '{"looks": "like JSON", "but": ["is", "text"]}',
    "-- not a comment; DROP TABLE students;--",
    "ok",
)


def pick(rng: Random, words: tuple[str, ...]) -> str:
    """Return one of the words."""
    return words[int(rng.random() * len(words))]


def prose(rng: Random, parts: int = 2) -> str:
    """Return a text of at most `parts` bodies."""
    return "\n".join(pick(rng, BODIES) for _ in range(1 + int(rng.random() * parts)))


def tags(rng: Random) -> str | None:
    """Return `,one,two,`, or None where nothing was tagged."""
    chosen = sorted({pick(rng, TAGS) for _ in range(int(rng.random() * 4))})
    return f",{','.join(chosen)}," if chosen else None


def diff(rng: Random, lines: int) -> str:
    """Return a unified diff of about that many lines."""
    head = "diff --git a/src/app.py b/src/app.py\n--- a/src/app.py\n+++ b/src/app.py\n"
    body = (
        f'{"+- "[n % 3]}    log.info("step %d of {lines}", {n})  # {pick(rng, TITLES)}\n'
        for n in range(lines)
    )
    return f"{head}@@ -1,{lines} +1,{lines} @@\n{''.join(body)}"


def hex_id(rng: Random) -> str:
    """Return 32 hexadecimal digits."""
    return f"{rng.getrandbits(128):032x}"


def guid(rng: Random) -> str:
    """Return a GUID in its usual form, lower case."""
    digits = hex_id(rng)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
