"""The Dockerfile: parsed by the rules of its reference, and held to what it promises."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath

import pytest

from tests.fix_deploy import DEPLOY, ROOT

INSTRUCTIONS = frozenset(
    ["FROM", "RUN", "COPY", "WORKDIR", "USER", "ENV", "HEALTHCHECK", "ENTRYPOINT"]
)
"""Those we use. ADD is none of them: it fetches URLs and unpacks archives."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its word and what follows, continued lines joined."""

    word: str
    rest: str


def parse(text: str) -> list[Instruction]:
    """Return the instructions. AssertionError for what is no Dockerfile, or none of ours."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"[ \t]*\\\n[ \t]*", " ", "\n".join(lines))
    found = []
    for line in joined.splitlines():
        word, _, rest = line.partition(" ")
        assert word in INSTRUCTIONS, line
        assert rest.strip(), line
        found.append(Instruction(word, rest.strip()))
    assert found[0].word == "FROM"
    return found


def stages(instructions: list[Instruction]) -> list[list[Instruction]]:
    """Return the instructions of each stage."""
    found: list[list[Instruction]] = []
    for each in instructions:
        if each.word == "FROM":
            found.append([])
        found[-1].append(each)
    return found


BUILD, FINAL = stages(parse((DEPLOY / "Dockerfile").read_text(encoding="utf-8")))


def rests(stage: list[Instruction], word: str) -> list[str]:
    return [each.rest for each in stage if each.word == word]


@pytest.mark.parametrize("text", ["ADD https://h/x /x", "RUN a\nFROM b", "FROM a\nRUN", "RNU a"])
def test_what_is_no_dockerfile_of_ours_is_found(text: str) -> None:
    with pytest.raises(AssertionError):
        parse(text)


def test_images_are_slim_and_plainly_named() -> None:
    images = [rest.split()[0] for rest in rests(BUILD + FINAL, "FROM")]
    assert len(set(images)) == 1, "wheels are made for the Python that they are installed in"
    assert re.fullmatch(r"python:3\.\d+-slim", images[0])
    assert rests(BUILD, "FROM") == [f"{images[0]} AS wheels"]


def test_the_user_is_a_number_and_not_root() -> None:
    (user,) = rests(FINAL, "USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    words = [each.word for each in FINAL]
    assert "RUN" not in words[words.index("USER") :]


def test_it_starts_cutover_without_a_shell() -> None:
    assert [json.loads(rest) for rest in rests(FINAL, "ENTRYPOINT")] == [["cutover"]]
    assert rests(FINAL, "HEALTHCHECK") == ["NONE"]


def test_the_last_stage_installs_the_wheels_of_the_first_and_nothing_else() -> None:
    (run,) = rests(FINAL, "RUN")
    words = shlex.split(run)
    assert words[0] == "--mount=type=bind,from=wheels,source=/wheels,target=/wheels"
    assert words[1:3] == ["pip", "install"]
    assert "--no-index" in words
    (build,) = rests(BUILD, "RUN")
    made = shlex.split(build)
    assert made[made.index("--constraint") + 1] == "constraints.txt"
    assert made[made.index("--wheel-dir") + 1] == words[words.index("--find-links") + 1]
    assert words[-1] == f"cutover{made[-1].removeprefix('.')}"
    assert "embedded" not in words[-1]
    assert "dev" not in words[-1]


def test_everything_copied_is_there_and_let_through() -> None:
    ignore = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in ignore if line.startswith("!")}
    copied = {name for rest in rests(BUILD + FINAL, "COPY") for name in rest.split()[:-1]}
    assert copied == let_through
    assert "*" in ignore
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert not any(PurePosixPath(name).is_absolute() for name in copied)
