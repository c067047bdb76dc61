"""What /proc says of files: the lines of proc(5), and this very process's own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cutover.machine import WriteLock, file_system, mount_of, open_files, parse_locks

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / /srv rw shared:2 master:1 - nfs4 server:/export rw
41 40 0:36 / /srv/my\\040data rw - cifs //server/data rw
42 22 0:37 / /over rw - ext4 /dev/sdb1 rw
43 42 0:38 / /over rw - tmpfs tmpfs rw
a line of another kind
"""


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/etc/app.db", "ext4"),
        ("/srv/app.db", "nfs4"),
        ("/srv-not/app.db", "ext4"),
        ("/srv/my data/app.db", "cifs"),
        ("/srv", "nfs4"),
        ("/over/app.db", "tmpfs"),
    ],
)
def test_a_path_lies_on_the_nearest_mount_above_it(path: str, type_: str) -> None:
    mount = mount_of(Path(path), MOUNTS)
    assert mount is not None
    assert mount.type == type_


def test_without_mountinfo_there_is_no_mount() -> None:
    assert mount_of(Path("/etc"), "") is None


def test_a_path_that_is_not_there_lies_where_the_folder_above_it_does(tmp_path: Path) -> None:
    found, above = file_system(tmp_path / "not" / "there"), file_system(tmp_path)
    assert found is not None
    assert above is not None
    assert found.free > 0  # what is free differs from call to call: others write there too
    assert (found.type, found.mount) == (above.type, above.mount)


LOCKS = """\
1: POSIX  ADVISORY  WRITE 700 08:01:131 1073741825 1073741825
2: POSIX  ADVISORY  READ 701 08:01:131 1073741826 1073742335
2: -> POSIX  ADVISORY  WRITE 702 08:01:131 1073741825 1073741825
3: FLOCK  ADVISORY  WRITE 703 08:01:131 0 EOF
4: POSIX  ADVISORY  WRITE 704 00:2f:9 0 EOF
"""


def test_only_posix_write_locks_that_are_held_count() -> None:
    held = [WriteLock(700, 131, 1073741825, 1073741825), WriteLock(704, 9, 0, 2**63)]
    assert list(parse_locks(LOCKS)) == held


@pytest.mark.parametrize(("mode", "may_write"), [("rb", False), ("r+b", True), ("ab", True)])
def test_a_file_that_another_process_holds_open_is_found(
    tmp_path: Path, mode: str, may_write: bool
) -> None:
    path = tmp_path / "held-open.db"
    path.write_bytes(b"x")
    code = f"import sys; f = open(sys.argv[1], {mode!r}); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found, _ = open_files(frozenset({"held-open.db"}))
        process.communicate(b"\n")
    assert [(each.pid, each.may_write) for each in found] == [(process.pid, may_write)]
    assert found[0].inode == path.stat().st_ino


def test_what_this_process_itself_has_open_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    with path.open("w"):
        found, _ = open_files(frozenset({"own.db"}))
    assert os.getpid() not in {each.pid for each in found}
    assert found == ()


def test_a_process_that_hides_its_files_is_counted(tmp_path: Path) -> None:
    class Hidden(type(tmp_path)):  # type: ignore[misc]
        """A folder that may not be listed, whoever asks: root may list all real ones."""

        def iterdir(self) -> None:
            if self.name == "fd":
                raise PermissionError
            return super().iterdir()

    (tmp_path / "1").mkdir()
    (tmp_path / "self").mkdir()
    assert open_files(frozenset({"x"}), Hidden(tmp_path)) == ((), 1)
