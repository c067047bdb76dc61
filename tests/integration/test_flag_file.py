"""The `file:` store: what counts as a flag, and what a failing file system may not break."""

import errno
import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cutover.abc import Flag
from cutover.catalog import Provider
from cutover.errors import FlagError, UsageError
from cutover.flags import _files, open_store, read_provider

ROOT_USER, NOBODY = 0, 65534
FLAG = Flag(value="sqlite", generation=1, changed_by="ada")
NEXT = replace(FLAG, value="postgres", generation=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "provider.json"


@contextmanager
def without_power() -> Iterator[None]:
    """Give up root's power over files for a while, where the tests have it."""
    powerful = os.geteuid() == ROOT_USER
    if powerful:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if powerful:
            os.seteuid(ROOT_USER)


@pytest.fixture
def public() -> Iterator[Path]:
    """Give a directory that everybody may look into, and nobody else may write."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        yield directory
        directory.chmod(0o755)


def test_the_file_is_json_that_a_person_can_read(path: Path) -> None:
    open_store(f"file:{path}").compare_and_set(None, replace(FLAG, changed_by="søren"))
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == {
        "value": "sqlite",
        "generation": 1,
        "changed_at": "",
        "changed_by": "søren",
        "plan_digest": "",
    }
    assert text.endswith("}\n")
    assert "søren" in text


def test_a_flag_written_by_hand_needs_only_value_and_generation(path: Path) -> None:
    path.write_text('{"value": "postgres", "generation": 0}')
    assert open_store(f"file:{path}").read() == Flag(value="postgres", generation=0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ('{"value": "postgres", "gener', "not JSON"),
        ("postgres", "not JSON"),
        ('"postgres"', "holds no flag"),
        ('["postgres", 1]', "holds no flag"),
        ('{"value": "postgres"}', "holds no flag"),
        ('{"generation": 1}', "holds no flag"),
        ('{"value": null, "generation": 1}', "holds no flag"),
        ('{"value": "postgres", "generation": "1"}', "holds no flag"),
        ('{"value": "postgres", "generation": true}', "holds no flag"),
        ('{"value": "postgres", "generation": 1.0}', "holds no flag"),
        ('{"value": "postgres", "generation": -1}', "holds no flag"),
        ('{"value": "postgres", "generation": 1, "valeu": "sqlite"}', "holds no flag"),
        ('{"value": "postgres", "generation": 1, "changed_by": 7}', "holds no flag"),
    ],
)
def test_anything_but_a_flag_is_an_error_with_detail_and_hint(
    path: Path, text: str, says: str
) -> None:
    path.write_text(text)
    with pytest.raises(FlagError, match=says) as caught:
        read_provider(f"file:{path}", default=Provider.SQLITE)
    assert caught.value.detail
    assert caught.value.hint
    assert path.read_text() == text


def test_bytes_that_are_no_text_are_an_error(path: Path) -> None:
    path.write_bytes(b'{"value": "\xff"}')
    with pytest.raises(FlagError, match="not JSON"):
        open_store(f"file:{path}").read()


def test_a_missing_directory_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    store = open_store(f"file:{tmp_path}/nowhere/provider.json")
    for act in (store.read, lambda: store.compare_and_set(None, FLAG)):
        with pytest.raises(FlagError, match="cannot be used") as caught:
            act()
        assert "No such file or directory" in caught.value.detail
    assert list(tmp_path.iterdir()) == []


def test_a_directory_in_the_files_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FlagError, match="cannot be used"):
        open_store(f"file:{tmp_path}").read()


def test_a_file_that_may_not_be_read_is_an_error(public: Path) -> None:
    path = public / "provider.json"
    path.write_text('{"value": "postgres", "generation": 1}')
    path.chmod(0o000)
    public.chmod(0o755)
    with without_power(), pytest.raises(FlagError, match="cannot be used") as caught:
        read_provider(f"file:{path}", default=Provider.SQLITE)
    assert "Permission denied" in caught.value.detail


def test_a_directory_that_may_not_be_written_is_an_error(public: Path) -> None:
    path = public / "provider.json"
    store = open_store(f"file:{path}")
    store.compare_and_set(None, FLAG)
    path.chmod(0o644)
    public.chmod(0o555)
    with without_power(), pytest.raises(FlagError, match="cannot be used") as caught:
        store.compare_and_set(FLAG, NEXT)
    assert "Permission denied" in caught.value.detail
    assert store.read() == FLAG


def test_mode_and_owner_stay(path: Path) -> None:
    store = open_store(f"file:{path}")
    store.compare_and_set(None, FLAG)
    path.chmod(0o640)
    if os.geteuid() == ROOT_USER:
        os.chown(path, NOBODY, NOBODY)
    before = path.stat()
    store.compare_and_set(FLAG, NEXT)
    after = path.stat()
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino


def test_a_new_file_is_as_readable_as_the_umask_allows(path: Path) -> None:
    before = os.umask(0o027)
    try:
        open_store(f"file:{path}").compare_and_set(None, FLAG)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_symbolic_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    link = tmp_path / "provider.json"
    link.symlink_to(real / "flag.json")
    open_store(f"file:{link}").compare_and_set(None, FLAG)
    assert link.is_symlink()
    assert json.loads((real / "flag.json").read_text())["value"] == "sqlite"


@pytest.mark.parametrize("call", ["replace", "fsync", "fchmod"])
def test_a_failing_system_call_leaves_the_old_flag_and_no_litter(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store = open_store(f"file:{path}")
    store.compare_and_set(None, FLAG)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(_files.os, call, fail)
        with pytest.raises(FlagError, match="cannot be used") as caught:
            store.compare_and_set(FLAG, NEXT)
    assert isinstance(caught.value.__cause__, OSError)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["provider.json"]
    store.compare_and_set(FLAG, NEXT)
    assert store.read() == NEXT


def test_a_full_disk_leaves_the_old_flag(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(f"file:{path}")
    store.compare_and_set(None, FLAG)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(_files.os, "fsync", full)
    with pytest.raises(FlagError, match="cannot be used") as caught:
        store.compare_and_set(FLAG, NEXT)
    assert "No space left" in caught.value.detail
    assert store.read() == FLAG


def test_what_a_dead_writer_left_behind_is_in_nobodys_way(path: Path) -> None:
    path.with_name(".provider.json.new").write_text("half a fl")
    store = open_store(f"file:{path}")
    store.compare_and_set(None, FLAG)
    assert store.read() == FLAG
    assert [file.name for file in path.parent.iterdir()] == ["provider.json"]


def test_the_bytes_are_on_disk_before_the_rename_and_the_directory_after_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    sync, rename = os.fsync, os.replace

    def watched_sync(descriptor: int) -> None:
        calls.append("directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        sync(descriptor)

    def watched_rename(old: Path, new: Path) -> None:
        calls.append("rename")
        rename(old, new)

    monkeypatch.setattr(_files.os, "fsync", watched_sync)
    monkeypatch.setattr(_files.os, "replace", watched_rename)
    open_store(f"file:{path}").compare_and_set(None, FLAG)
    assert calls == ["file", "rename", "directory"]


def test_a_writer_that_does_not_finish_is_not_waited_for_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_files, "TRIES", 2)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        with pytest.raises(FlagError, match="locked by another writer"):
            open_store(f"file:{path}").compare_and_set(None, FLAG)
    finally:
        os.close(directory)
    assert not path.exists()


def test_a_relative_path_starts_at_the_base(tmp_path: Path) -> None:
    open_store("file:provider.json", base=tmp_path).compare_and_set(None, FLAG)
    assert (tmp_path / "provider.json").exists()


def test_no_path_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no path"):
        open_store("file:")
