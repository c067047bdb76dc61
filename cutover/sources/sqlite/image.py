"""A digest of a database as a reader sees it: the file overlaid with its write-ahead log.

A checkpoint copies pages from the log into the file and changes no byte of any page
(https://sqlite.org/fileformat2.html#walformat), so the digest of the overlaid pages is blind to it.
A commit changes at least one page: in rollback mode the change counter in page 1 always moves; in
WAL mode a commit that leaves every byte as it was is none that a reader could notice.

Only frames up to the last commit count, of the log's current salts and with a valid checksum chain.
"""

import hashlib
import os
import sys
from array import array
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cutover.sources.sqlite.connect import open_source, source_errors
from cutover.sources.sqlite.files import beside, descriptor, page_count, page_size, read_header

_CHUNK_BYTES = 1 << 20
_WAL_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_WAL_MAGIC = 0x377F0682
"""The last bit says that checksums are computed over big-endian words."""


def image_of(path: Path) -> str:
    """Return the SHA-256 (hex) of a database's pages, its committed log included.

    A read transaction is held meanwhile, so that no commit of a rollback journal is seen half
    done. SourceError as in `open_source`. Memory is a constant plus some 100 bytes a logged page.
    """
    digest = hashlib.sha256()
    with closing(open_source(path)) as connection, source_errors(str(path)):
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        for chunk in _chunks(path):
            digest.update(chunk)
        connection.execute("ROLLBACK")
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Log:
    """The committed frames: where each page's newest one begins, and the pages there are."""

    offsets: dict[int, int]
    pages: int


def _chunks(path: Path) -> Iterator[bytes]:
    # The log is opened before the file: a log that vanishes now is all in the file.
    try:
        wal = beside(path, "-wal").open("rb")
    except FileNotFoundError:
        yield from _file_chunks(path, 0, _pages_in_file(path))
        return
    with wal:
        log = _read_log(wal, page_size(read_header(path)))
        yield from _overlaid(path, wal, log) if log else _file_chunks(path, 0, _pages_in_file(path))


def _pages_in_file(path: Path) -> int:
    header = read_header(path)
    return page_count(header) or os.fstat(descriptor(path)).st_size // page_size(header)


def _file_chunks(path: Path, first: int, end: int) -> Iterator[bytes]:
    """Yield the bytes of pages `first` to `end` (from 0, `end` excluded), zeros past the end."""
    file = descriptor(path)
    size = page_size(read_header(path))
    position, stop = first * size, end * size
    while position < stop:
        wanted = min(_CHUNK_BYTES, stop - position)
        yield os.pread(file, wanted, position).ljust(wanted, b"\0")
        position += wanted


def _overlaid(path: Path, wal: BinaryIO, log: _Log) -> Iterator[bytes]:
    size = page_size(read_header(path))
    position = 0
    for number in sorted(log.offsets):
        if number > log.pages:
            break
        yield from _file_chunks(path, position, number - 1)
        wal.seek(log.offsets[number])
        yield wal.read(size)
        position = number
    yield from _file_chunks(path, position, log.pages)


def _read_log(wal: BinaryIO, size: int) -> _Log | None:
    """Return what is committed in a log; None where it holds nothing that SQLite would use."""
    header = wal.read(_WAL_HEADER_BYTES)
    words = [int.from_bytes(header[i : i + 4], "big") for i in range(0, len(header), 4)]
    if len(words) < 8 or words[0] & ~1 != _WAL_MAGIC or words[2] != size:
        return None
    order = "big" if words[0] & 1 else "little"
    checksum = _checksum(header[:24], order, (0, 0))
    if checksum != (words[6], words[7]):
        return None
    committed: dict[int, int] = {}
    pages = 0
    for offsets, pages in _commits(wal, header, order, checksum):  # noqa: B007 - the last one counts
        committed.update(offsets)
    return _Log(committed, pages) if pages else None


def _commits(
    wal: BinaryIO, header: bytes, order: str, checksum: tuple[int, int]
) -> Iterator[tuple[dict[int, int], int]]:
    """Yield each commit: where its pages begin, and how many pages the database then has."""
    size = int.from_bytes(header[8:12], "big")
    offsets: dict[int, int] = {}
    while len(frame := wal.read(_FRAME_HEADER_BYTES + size)) == _FRAME_HEADER_BYTES + size:
        head, page = frame[:_FRAME_HEADER_BYTES], frame[_FRAME_HEADER_BYTES:]
        checksum = _checksum(page, order, _checksum(head[:8], order, checksum))
        if head[8:16] != header[16:24] or _pair(head[16:24]) != checksum:
            return
        number, pages_after_commit = _pair(head[:8])
        offsets[number] = wal.tell() - size
        if pages_after_commit:
            yield offsets, pages_after_commit
            offsets = {}


def _pair(eight: bytes) -> tuple[int, int]:
    return int.from_bytes(eight[:4], "big"), int.from_bytes(eight[4:], "big")


def _checksum(content: bytes, order: str, seed: tuple[int, int]) -> tuple[int, int]:
    # https://sqlite.org/fileformat2.html#checksum_algorithm
    words = array("I", content)
    if order != sys.byteorder:
        words.byteswap()
    first, second = seed
    pairs = iter(words)
    for even, odd in zip(pairs, pairs, strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
