"""Does each source lie on a file system of this machine?

SQLite relies on the file system's locks, which network file systems have wrong or not at all
(https://sqlite.org/lockingv3.html#how_to_corrupt, https://sqlite.org/useovernet.html), and a
write-ahead log needs memory that all its users share: it doesn't work over a network
(https://sqlite.org/wal.html).
"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import Remark, Signs, SourceSigns, ok, problem, warning

NAME = "file_system"
NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "beegfs", "ceph", "glusterfs", "gfs2"}
    | {"gpfs", "lustre", "ncpfs", "ocfs2", "orangefs", "fuse.ceph", "fuse.ceph-fuse"}
    | {"fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"}
)


class FileSystem:
    """Looks up the type of the file system in mountinfo."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a problem for a log over a network, a warning for a file there."""
        for source in signs.sources:
            if source.file_system is not None:
                yield _answer(source, source.file_system.type, source.file_system.mount)


def _answer(source: SourceSigns, type_: str, mount: str) -> Remark:
    if not type_:
        said = "of a type that this system doesn't tell"
        return warning(source.label, said, f"see that it is no network's: df '{source.path}'")
    if type_ not in NETWORK:
        return ok(source.label, f"{type_}, mounted on {mount}")
    said = f"{type_}, a network file system, mounted on {mount}"
    if source.wal_mode:
        said += ": a write-ahead log doesn't work there"
        return problem(source.label, said, _remedy(source))
    return warning(source.label, f"{said}: its locks can't be relied on", _remedy(source))


def _remedy(source: SourceSigns) -> str:
    return (
        f"stop every writer, then copy it to a local disk: sqlite3 '{source.path}' '.backup COPY'"
    )


symptoms.register(NAME, FileSystem())
