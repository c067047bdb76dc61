"""A real PostgreSQL for tests: `CUTOVER_TEST_POSTGRES_URL`, else an embedded one for each worker.

The embedded one lies outside pytest's own directories, because every pytest that starts takes
others' permissions from those, and a server started by root runs as someone else.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from cutover.embedded import database_url, serve
from cutover.errors import CutoverError
from cutover.targets.postgres.connect import Connection, connect

# No test survives a power cut anyway.
UNSAFE_AND_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Give the URL of a server whose role may create databases. A broken one ends the run."""
    with _server() as url:
        try:
            connect(url).close()
        except CutoverError as error:
            pytest.exit(f"no PostgreSQL to test with: {error}", returncode=3)
        yield url


@contextmanager
def _server() -> Iterator[str]:
    if named := os.environ.get("CUTOVER_TEST_POSTGRES_URL"):
        yield named
        return
    with server_directory() as directory:
        try:
            with serve(directory, settings=UNSAFE_AND_FAST) as url:
                yield url
        except CutoverError as error:
            pytest.exit(f"no PostgreSQL to test with: {error}", returncode=3)


@contextmanager
def server_directory() -> Iterator[Path]:
    """Give a directory for an embedded server; remove it at the end."""
    directory = Path(tempfile.mkdtemp(prefix="cutover-tests-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def fresh_database(server: str, template: str = "template0") -> Iterator[str]:
    """Give the URL of a new database, a copy of `template`; drop it at the end."""
    name = f"cutover_test_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(server, autocommit=True) as connection:
        # Without fsync the checkpoints that this takes are nearly free; the log is not.
        copying = "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} {}")
        names = sql.Identifier(name), sql.Identifier(template)
        connection.execute(create.format(*names, sql.SQL(copying)))
        try:
            yield database_url(server, name)
        finally:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the URL of a fresh, empty database."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Connection]:
    """Give a connection to the database of `postgres_url`; its transaction is not committed."""
    connection = connect(postgres_url)
    try:
        yield connection
    finally:
        connection.close()
