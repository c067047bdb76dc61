"""Scaffolds on a disk: whole or not there, never over others' files, and told plainly if not."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cutover.errors import Refused, UsageError
from cutover.scaffold import Scaffold, write

FILES = {
    "alembic_postgres/env.py": "env\n",
    "alembic_postgres/versions/0001_baseline.py": "one\n",
    "cutover.toml": "[source]\n",
    "triggers/postgres/keep.sql": "SELECT 1;\n",
}
LONG = 4 * 1024 * 1024


def scaffold_of(files: dict[str, str]) -> Scaffold:
    return Scaffold(files=files, objects=(), statements=(), columns={}, types={})


def on_disk(directory: Path) -> dict[str, str]:
    found = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_text() for path in found}


def test_every_file_is_written_and_the_settings_last(tmp_path: Path) -> None:
    paths = write(scaffold_of(FILES), tmp_path / "work")
    assert on_disk(tmp_path / "work") == FILES
    assert set(paths) == {tmp_path / "work" / name for name in FILES}
    assert paths[-1] == tmp_path / "work" / "cutover.toml"


def test_only_the_new_files_are_returned(tmp_path: Path) -> None:
    write(scaffold_of(FILES), tmp_path)
    assert write(scaffold_of(FILES), tmp_path) == ()
    (tmp_path / "triggers/postgres/keep.sql").unlink()
    assert write(scaffold_of(FILES), tmp_path) == (tmp_path / "triggers/postgres/keep.sql",)
    assert on_disk(tmp_path) == FILES


def test_a_file_that_differs_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "triggers/postgres").mkdir(parents=True)
    (tmp_path / "triggers/postgres/keep.sql").write_text("mine\n")
    with pytest.raises(Refused, match=r"keep\.sql") as caught:
        write(scaffold_of(FILES), tmp_path)
    assert "init --directory DIR" in caught.value.hint
    assert "run --workdir DIR" in caught.value.hint
    assert on_disk(tmp_path) == {"triggers/postgres/keep.sql": "mine\n"}


@pytest.mark.parametrize("limit", [0, 3, LONG // 2])
def test_a_process_that_dies_in_a_write_leaves_no_settings_and_no_torn_file(
    tmp_path: Path, limit: int
) -> None:
    files = FILES | {"triggers/postgres/long.sql": "x" * LONG}
    program = (
        "import resource, sys\nfrom pathlib import Path\nfrom cutover.scaffold import *\n"
        # SIGXFSZ kills in the middle of a write, as the disk holds the first `limit` bytes.
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "sys.dont_write_bytecode = True\n"
        f"files = {FILES!r} | {{'triggers/postgres/long.sql': 'x' * {LONG}}}\n"
        "made = Scaffold(files=files, objects=(), statements=(), columns={}, types={})\n"
        f"write(made, Path({str(tmp_path)!r}))\n"
    )
    died = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    assert died.returncode < 0, died.stderr.decode()
    left = on_disk(tmp_path)
    assert "cutover.toml" not in left
    assert {name: left[name] for name in left if name in files} == {
        name: files[name] for name in left if name in files
    }
    write(scaffold_of(files), tmp_path)
    assert on_disk(tmp_path) == files


def test_a_name_that_is_taken_by_a_file_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("not a folder")
    with pytest.raises(UsageError) as caught:
        write(scaffold_of(FILES), tmp_path / "work")
    assert f'"{tmp_path / "work"}"' in caught.value.message
    assert os.strerror(errno.ENOTDIR) in caught.value.detail
    assert "init --directory DIR" in caught.value.hint


@pytest.mark.parametrize("name", ["cutover.toml", "triggers"])
def test_a_folder_where_a_file_goes_and_a_file_where_a_folder_goes_are_told(
    tmp_path: Path, name: str
) -> None:
    if name == "triggers":
        (tmp_path / name).write_text("a file")
    else:
        (tmp_path / name).mkdir()
    with pytest.raises(UsageError) as caught:
        write(scaffold_of(FILES), tmp_path)
    assert str(tmp_path / name) in caught.value.message
    expected = errno.EISDIR if name == "cutover.toml" else errno.ENOTDIR
    assert os.strerror(expected) in caught.value.detail


def test_a_full_disk_is_told_with_the_path_and_leaves_no_settings(tmp_path: Path) -> None:
    long = "x" * LONG
    program = (
        "import resource, signal\nfrom pathlib import Path\nfrom cutover.errors import UsageError\n"
        "from cutover.scaffold import *\n"
        # Ignored, the signal leaves write(2) to fail, as it does on a full disk.
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"made = Scaffold(files={{'a/b.sql': 'x' * {len(long)}, 'cutover.toml': ''}}, objects=(),"
        " statements=(), columns={}, types={})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        f"    write(made, Path({str(tmp_path)!r}))\n"
        "except UsageError as error:\n    print(error.message, error.detail, sep='\\n')\n"
    )
    told = subprocess.run([sys.executable, "-B", "-c", program], check=True, capture_output=True)
    message, detail = told.stdout.decode().splitlines()
    assert f'"{tmp_path / "a/b.sql"}"' in message
    assert os.strerror(errno.EFBIG) in detail
    assert on_disk(tmp_path) == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="no folder is closed to root")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UsageError) as caught:
            write(scaffold_of(FILES), tmp_path)
    finally:
        tmp_path.chmod(0o700)
    assert os.strerror(errno.EACCES) in caught.value.detail
