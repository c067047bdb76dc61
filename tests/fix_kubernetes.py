"""A stand-in for the Kubernetes API: ConfigMaps over HTTP, with `resourceVersion` semantics.

Only what the API documents of reading and merge-patching one object: a patch that names another
`resourceVersion` than the current one is answered with 409, an unknown object with 404, a wrong
token with 401, all as `Status` objects. Every change counts the version up.
"""

import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

TOKEN = "kubernetes-s3cret"


@dataclass
class Cluster:
    """What the stand-in holds, and how it is to misbehave."""

    kubeconfig: Path
    url: str = ""
    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    refusal: int = 0
    """Answer everything with this status."""
    meanwhile: dict[str, str] = field(default_factory=dict)
    """What another writer changes between the next read and what follows it."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def make(self, namespace: str, name: str, data: dict[str, str] | None = None) -> None:
        """Create a ConfigMap; one without data has no `data` at all, as in the real API."""
        made: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap"}
        made["metadata"] = {"namespace": namespace, "name": name, "resourceVersion": "1"}
        self.objects[namespace, name] = made | ({"data": dict(data)} if data else {})

    def data(self, namespace: str, name: str) -> dict[str, str]:
        """Return the data of a ConfigMap."""
        data: dict[str, str] = self.objects[namespace, name].setdefault("data", {})
        return data

    def edit(self, namespace: str, name: str, data: dict[str, str]) -> None:
        """Change keys, as `kubectl edit` would."""
        with self.lock:
            self._change(self.objects[namespace, name], data)

    def answer(self, method: str, key: tuple[str, str], body: Any) -> tuple[int, Any]:
        """Return the status and the object of a request."""
        with self.lock:
            found = self.objects.get(key)
            if self.refusal:
                return self.refusal, f'configmaps "{key[1]}" is forbidden: no RBAC rule'
            if found is None:
                return 404, f'configmaps "{key[1]}" not found'
            if method == "GET":
                answer = json.loads(json.dumps(found))
                if self.meanwhile:
                    self._change(found, self.meanwhile)
                    self.meanwhile = {}
                return 200, answer
            version = body.get("metadata", {}).get("resourceVersion")
            if version not in (None, found["metadata"]["resourceVersion"]):
                return 409, "the object has been modified; please apply your changes to the latest"
            self._change(found, body.get("data", {}))
            return 200, found

    @staticmethod
    def _change(found: dict[str, Any], data: dict[str, str]) -> None:
        found.setdefault("data", {}).update(data)
        found["metadata"]["resourceVersion"] = str(int(found["metadata"]["resourceVersion"]) + 1)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        self._answer("GET", None)

    def do_PATCH(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Content-Type"] == "application/merge-patch+json"
        self._answer("PATCH", body)

    def _answer(self, method: str, body: Any) -> None:
        cluster = self.server.cluster
        # /api/v1/namespaces/NAMESPACE/configmaps/NAME
        _, _, _, _, namespace, kind, name = self.path.split("/")
        assert kind == "configmaps"
        cluster.requests.append(method)
        status, answer = cluster.answer(method, (namespace, name), body)
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if (scheme.lower(), token) != ("bearer", TOKEN):
            status, answer = 401, "Unauthorized"
        if status != 200:
            failure = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
            answer = {**failure, "message": answer, "code": status}
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        with suppress(ConnectionError):  # a client that waited no longer
            self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    cluster: Cluster


def write_kubeconfig(path: Path, url: str, token: str = TOKEN) -> None:
    """Write a kubeconfig whose current context is the stand-in. JSON is YAML too."""
    context = {"cluster": "stand-in", "user": "tester"}
    facts = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "stand-in",
        "clusters": [{"name": "stand-in", "cluster": {"server": url}}],
        "users": [{"name": "tester", "user": {"token": token}}],
        "contexts": [{"name": "stand-in", "context": context}],
    }
    path.write_text(json.dumps(facts), encoding="utf-8")


@contextmanager
def _serving(cluster: Cluster, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve a cluster on a free port of this machine."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.cluster = cluster
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """Serve an empty cluster on a free port; KUBECONFIG names it, in children too."""
    served = Cluster(tmp_path / "kubeconfig")
    monkeypatch.setenv("KUBECONFIG", str(served.kubeconfig))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with _serving(served) as port:
        served.url = f"http://127.0.0.1:{port}"
        write_kubeconfig(served.kubeconfig, served.url)
        yield served


@pytest.fixture
def pod(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """Serve the cluster over TLS as well, to a service account whose files a pod would have."""
    certificate, key = tmp_path / "ca.crt", tmp_path / "tls.key"
    _write_certificate(certificate, key)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    (tmp_path / "token").write_text(TOKEN)
    loader = "kubernetes.config.incluster_config"
    monkeypatch.setattr(f"{loader}.SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(f"{loader}.SERVICE_CERT_FILENAME", str(certificate))
    with _serving(cluster, tls) as port:
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(port))
        yield cluster


def _write_certificate(certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(private.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    made = made.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    signed = made.sign(private, hashes.SHA256())
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
