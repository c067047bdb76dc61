"""One head: two are named with their files and where they part; joined, they are one."""

from tests.fix_rules import Ask, SetWriter


def test_two_heads_are_named_with_their_files_and_their_parent(
    sqlite_set: SetWriter, ask: Ask
) -> None:
    sqlite_set.add("root", "pass").add("left", "pass").add("right", "pass", parent="root")
    (finding,) = ask("heads", sqlite_set)
    assert finding.kind == "breach"
    assert finding.subject == 'set "lite"'
    assert '"left" (left.py)' in finding.message
    assert '"right" (right.py)' in finding.message
    assert finding.detail == 'both come after "root"'
    assert finding.hint == "join them: alembic merge -m join left right"


def test_two_lines_without_a_common_revision_are_two_heads(sqlite_set: SetWriter, ask: Ask) -> None:
    sqlite_set.add("one", "pass")
    other = SetWriter.__new__(SetWriter)
    other.set, other._last = sqlite_set.set, None
    other.add("two", "pass")
    (finding,) = ask("heads", sqlite_set)
    assert finding.detail == "they share no revision"


def test_one_head_after_a_merge_is_no_breach(sqlite_set: SetWriter, ask: Ask) -> None:
    sqlite_set.add("root", "pass").add("left", "pass").add("right", "pass", parent="root")
    sqlite_set.add("join", "pass")
    path = sqlite_set.set.directory / "versions" / "join.py"
    path.write_text(path.read_text().replace("'right'", "('left', 'right')"))
    assert ask("heads", sqlite_set) == []
