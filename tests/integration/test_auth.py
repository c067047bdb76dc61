"""Passwordless login: a token of a local stand-in opens a session of a real PostgreSQL."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from psycopg import sql

from cutover import auth
from cutover.embedded import serve
from cutover.errors import TargetError, TryAgain, UsageError
from cutover.flags import open_store
from cutover.flags.postgres import _parameters
from cutover.settings import load_settings
from cutover.targets.postgres.connect import connect
from cutover.targets.postgres.urls import parse_url
from tests.fix_cli import command_line, environment
from tests.fix_postgres import UNSAFE_AND_FAST

ROLE = "app-identity"
HBA = f'local all "{ROLE}" scram-sha-256\nlocal all all trust\n'


@dataclass
class Endpoint:
    """The token endpoint of App Service: what it gives, and what it was asked for."""

    url: str = ""
    token: str = "first-t0ken"
    seconds: int = 3600
    status: int = 200
    resources: list[str] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    endpoint: Endpoint


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        endpoint = self.server.endpoint
        asked = parse_qs(urlsplit(self.path).query)
        endpoint.resources += asked["resource"]
        assert self.headers["X-IDENTITY-HEADER"] == "header-s3cret"
        given = {"access_token": endpoint.token, "token_type": "Bearer"}
        given |= {"expires_on": str(int(time.time()) + endpoint.seconds)}
        given |= {"resource": asked["resource"][0]}
        text = json.dumps(given if endpoint.status == 200 else {"message": "no such identity"})
        self.send_response(endpoint.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """Serve tokens, the way App Service does, to this process and its children."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}/msi/token")
    for name in [name for name in os.environ if name.startswith(("AZURE_", "MSI_", "IDENTITY_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("IDENTITY_ENDPOINT", server.endpoint.url)
    monkeypatch.setenv("IDENTITY_HEADER", "header-s3cret")
    # Otherwise the chain also starts programs of a developer's machine, one by one.
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "prod")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    auth._azure_credential.cache_clear()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.endpoint
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        auth._azure_credential.cache_clear()


@pytest.fixture(scope="module")
def locked_server() -> Iterator[str]:
    """Give the administrator's URL of a server that asks one role for its password."""
    directory = Path(tempfile.mkdtemp(prefix="cutover-tests-"))
    directory.chmod(0o755)
    (directory / "hba.conf").write_text(HBA)
    settings = {**UNSAFE_AND_FAST, "hba_file": str(directory / "hba.conf")}
    try:
        with serve(directory / "server", settings=settings) as url:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(ROLE)))
            yield url
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def accept(server: str, token: str) -> None:
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
        sql.Identifier(ROLE), sql.Literal(token)
    )
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def url_of(server: str) -> str:
    plain = server.replace("postgres:@", f"{ROLE}@")
    assert f"://{ROLE}@" in plain
    return auth.with_method(plain, "azure")


def test_a_token_is_the_password(locked_server: str, endpoint: Endpoint) -> None:
    accept(locked_server, endpoint.token)
    with closing(connect(url_of(locked_server))) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (ROLE,)
    assert endpoint.resources == ["https://ossrdbms-aad.database.windows.net"]


def test_the_flag_store_logs_in_the_same_way(locked_server: str, endpoint: Endpoint) -> None:
    accept(locked_server, endpoint.token)
    assert open_store("postgres:", target_url=url_of(locked_server)).read() is None
    assert len(endpoint.resources) == 1


def test_a_token_that_lasts_is_got_once(locked_server: str, endpoint: Endpoint) -> None:
    accept(locked_server, endpoint.token)
    for _ in range(3):
        connect(url_of(locked_server)).close()
    assert len(endpoint.resources) == 1


def test_a_token_about_to_expire_is_not_used_again(locked_server: str, endpoint: Endpoint) -> None:
    endpoint.seconds = 240
    accept(locked_server, endpoint.token)
    connect(url_of(locked_server)).close()
    endpoint.token = "second-t0ken"
    accept(locked_server, endpoint.token)
    time.sleep(5.2)  # the library itself asks at most once in five seconds
    connect(url_of(locked_server)).close()
    assert len(endpoint.resources) == 2


def test_a_token_that_the_server_refuses_is_not_repeated(
    locked_server: str, endpoint: Endpoint
) -> None:
    accept(locked_server, "another")
    with pytest.raises(TargetError, match=f'refused the password of role "{ROLE}"') as caught:
        connect(url_of(locked_server))
    assert endpoint.token not in f"{caught.value} {caught.value.__cause__}"


def test_without_an_identity_it_says_so_and_may_be_tried_again(
    endpoint: Endpoint, capfd: pytest.CaptureFixture[str]
) -> None:
    endpoint.status = 400
    with pytest.raises(TryAgain, match="no token from Microsoft Entra") as caught:
        connect("postgresql://app@db.example/app?cutover_auth=azure")
    assert "no such identity" in caught.value.detail
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__}"
    assert capfd.readouterr().err == ""


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    with pytest.raises(UsageError, match='needs the extra "azure"') as caught:
        connect("postgresql://app@db.example/app?cutover_auth=azure")
    assert caught.value.hint == "pip install 'cutover[azure]'"


@pytest.mark.parametrize(
    "place",
    [
        "db.example/app?sslmode=disable",
        "db.example/app?sslmode=prefer",
        "127.0.0.1/app?sslmode=allow",
        "/app?host=/run/postgresql,db.example&sslmode=disable",
        "/app?host=/run/postgresql&hostaddr=192.0.2.1&sslmode=disable",
        "/app?service=elsewhere&sslmode=disable",
    ],
)
def test_a_token_goes_over_no_network_without_tls(place: str, endpoint: Endpoint) -> None:
    with pytest.raises(UsageError, match="without TLS"):
        connect(auth.with_method(f"postgresql://app@{place}", "azure"))
    assert endpoint.resources == []


def test_tls_is_required_wherever_the_host_is_not_stated(endpoint: Endpoint) -> None:
    for place in ("db.example/app", "localhost/app", "/app", "/app?service=elsewhere"):
        parameters = _parameters(auth.with_method(f"postgresql://app@{place}", "azure"))
        assert parameters["sslmode"] == "require"
        assert parameters["password"] == endpoint.token
    strict = "postgresql://app@db.example/app?sslmode=verify-full&cutover_auth=azure"
    assert _parameters(strict)["sslmode"] == "verify-full"


def test_a_server_without_tls_never_sees_the_token(endpoint: Endpoint) -> None:
    heard = bytearray()

    def refuse() -> None:
        with listening.accept()[0] as client:
            while received := client.recv(1024):
                heard.extend(received)
                client.sendall(b"N")  # what a server answers that has no TLS

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=refuse)
        thread.start()
        place = f"127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(TargetError, match="does not speak TLS"):
            connect(f"postgresql://app@{place}/app?cutover_auth=azure")
        thread.join()
    assert endpoint.resources
    assert heard
    assert endpoint.token.encode() not in heard


def test_a_password_in_the_url_comes_first(endpoint: Endpoint) -> None:
    url = "postgresql://app:pass@db.example/app?cutover_auth=azure"
    assert _parameters(url)["password"] == "pass"
    assert endpoint.resources == []


@pytest.mark.parametrize(
    ("plain", "asking"),
    [
        ("postgresql://app@db/app", "postgresql://app@db/app?cutover_auth=azure"),
        ("postgresql://db/app?user=me", "postgresql://db/app?user=me&cutover_auth=azure"),
        ("postgresql://a:?@db/app", "postgresql://a:?@db/app?cutover_auth=azure"),
        ("postgresql://app@db?host=/run", "postgresql://app@db?host=/run&cutover_auth=azure"),
    ],
)
def test_the_login_is_put_into_a_url_and_taken_out_again(plain: str, asking: str) -> None:
    assert auth.with_method(plain, "azure") == asking
    assert auth.with_method(asking, "azure") == asking
    assert auth.split_url(asking) == (plain, "azure")
    assert auth.split_url(plain) == (plain, "")
    assert parse_url(asking) == parse_url(plain)


def test_the_login_is_found_anywhere_in_a_query() -> None:
    url = "postgresql://app@db/app?cutover_auth=azure&sslmode=require"
    assert auth.split_url(url) == ("postgresql://app@db/app?sslmode=require", "azure")


def test_an_unknown_login_is_answered_with_the_right_word() -> None:
    with pytest.raises(UsageError, match='no login "azur"') as caught:
        connect("postgresql://app@db.example/app?cutover_auth=azur")
    assert caught.value.hint == 'did you mean "azure"?'


def test_the_setting_reaches_the_url_and_leaves_an_embedded_server_alone(tmp_path: Path) -> None:
    config = tmp_path / "cutover.toml"
    config.write_text('[target]\nurl = "postgresql://app@db/app"\nauth = "azure"\n')
    settings = load_settings(config, environment={})
    assert settings.target_url == "postgresql://app@db/app?cutover_auth=azure"
    embedded = load_settings(config, environment={"CUTOVER_TARGET_URL": "embedded:pg"})
    assert embedded.target_url == "embedded:pg"
    config.write_text("")
    variables = {"CUTOVER_TARGET_URL": "postgresql://app@db/app", "CUTOVER_TARGET_AUTH": "azure"}
    assert load_settings(config, environment=variables).target_url == settings.target_url


def test_no_command_shows_the_token(
    locked_server: str, endpoint: Endpoint, sqlite_file: Callable[..., Path], tmp_path: Path
) -> None:
    source = sqlite_file("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT);")
    accept(locked_server, endpoint.token)
    with psycopg.connect(locked_server, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER ROLE {} SUPERUSER").format(sql.Identifier(ROLE)))
    words = ("run", source, "--target", url_of(locked_server), "--format", "json", "-v")
    done = subprocess.run(
        command_line(*words), capture_output=True, check=False, cwd=tmp_path, env=environment()
    )
    assert done.returncode == 0, done
    with psycopg.connect(locked_server) as connection:
        plans = connection.execute("SELECT plan FROM cutover.run").fetchall()
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    everything = b"".join([*written, done.stdout, done.stderr, f"{plans}".encode()])
    assert b"cutover_auth=azure" in everything
    assert endpoint.token.encode() not in everything
    assert b"header-s3cret" not in everything
