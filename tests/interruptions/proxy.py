"""A proxy on loopback between cutover and the server, that cuts a connection in the middle.

It reads the protocol's messages as far as it must: their kinds and lengths
(https://www.postgresql.org/docs/current/protocol-message-formats.html). One thread a direction.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg

COPY_DATA, QUERY, PARSE = b"d", b"Q", b"P"
Watch = Callable[[bytes, bytes], str]
"""Sees each message of a client, its kind and its body; answers `cut`, `cut-after` or nothing."""


@dataclass
class Proxy:
    """Passes messages on until `watch` says to cut; from then on it passes everything."""

    server: tuple[str, int]
    watch: Watch
    cuts: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def verdict(self, kind: bytes, body: bytes) -> str:
        """Ask `watch`, until it has cut once."""
        with self.lock:
            said = "" if self.cuts else self.watch(kind, body)
            self.cuts += said != ""
            return said

    def serve(self, client: socket.socket) -> None:
        """Join a client and the server until either side ends, or is cut."""
        with client, _connected(self.server) as server:
            back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
            with suppress(OSError, EOFError):
                server.sendall(_startup(client))
                back.start()
                self._forward(client, server)
            _shut(client, server)
            back.join()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        while True:
            kind, size = _exactly(client, 1), _exactly(client, 4)
            body = _exactly(client, int.from_bytes(size, "big") - 4)
            said = self.verdict(kind, body)
            if said == "cut":
                return
            if said == "cut-after":
                # The answer has no way back any more; the server gets the message all the same.
                _shut(client)
            server.sendall(kind + size + body)
            if said == "cut-after":
                _settle(server)
                return


@contextmanager
def cutting(url: str, watch: Watch) -> Iterator[tuple[str, Proxy]]:
    """Yield the URL of a proxy before a server, and the proxy."""
    with psycopg.connect(url) as connection:
        info = connection.info
        place, user, name = (info.host, info.port), info.user, info.dbname
    proxy = Proxy(place, watch)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        accepting = threading.Thread(target=_accept, args=(listening, proxy), daemon=True)
        accepting.start()
        port = listening.getsockname()[1]
        yield (
            f"postgresql://{user}@127.0.0.1:{port}/{name}?sslmode=disable&gssencmode=disable",
            proxy,
        )
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join()


def _accept(listening: socket.socket, proxy: Proxy) -> None:
    with suppress(OSError):
        while True:
            client, _ = listening.accept()
            threading.Thread(target=proxy.serve, args=(client,), daemon=True).start()


def _connected(server: tuple[str, int]) -> socket.socket:
    host, port = server
    if not host.startswith("/"):
        return socket.create_connection(server)
    opened = socket.socket(socket.AF_UNIX)
    opened.connect(f"{host}/.s.PGSQL.{port}")
    return opened


def _startup(client: socket.socket) -> bytes:
    size = _exactly(client, 4)
    return size + _exactly(client, int.from_bytes(size, "big") - 4)


def _exactly(wire: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = wire.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _pass_on(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while data := server.recv(65536):
            client.sendall(data)
    _shut(client)


def _settle(server: socket.socket) -> None:
    """Let the server finish what it got: it answers, and then sees the end."""
    with suppress(OSError):
        server.shutdown(socket.SHUT_WR)


def _shut(*wires: socket.socket) -> None:
    for wire in wires:
        with suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)
