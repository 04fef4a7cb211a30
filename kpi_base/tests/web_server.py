"""A web server of the tests: it records what it is sent, and answers as a test says."""

import datetime as dt
import ipaddress
import os
import socketserver
import ssl
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True)
class Request:
    """One request as it came; names of headers in lower case."""

    method: str
    target: str
    headers: dict
    body: bytes


def reply(status, body=b"", **headers):
    """An answer; ``_`` of header names stands for ``-``."""
    lines = [f"HTTP/1.1 {status} .", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class WebServer(socketserver.ThreadingTCPServer):
    """HTTP on a free local port, over TLS where a certificate is given.

    :ivar received: all requests, in order
    :ivar answers: one per request, the last one for all that follow; bytes, or a
        function that is called with the handler and writes by itself
    :ivar names: what clients asked for by SNI
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *answers, certificate=None):
        super().__init__(("127.0.0.1", 0), _Session)
        self.received = []
        self.names = []
        self.answers = list(answers) or [OK]
        self.is_over = threading.Event()
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)
            self.context.sni_callback = lambda _socket, name, _context: (
                self.names.append(name)
            )

    @property
    def port(self):
        return self.server_address[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def next_answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_error):
        self.is_over.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_arguments):
        """Keep quiet: clients that break off are what is tested."""


class _Session(socketserver.StreamRequestHandler):
    def setup(self):
        if self.server.context:
            self.request = self.server.context.wrap_socket(
                self.request, server_side=True
            )
        return super().setup()

    def handle(self):
        method, target, _version = self.rfile.readline().decode().split()
        headers = {}
        while line := self.rfile.readline().decode("latin-1").strip():
            name, _colon, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", 0)))
        self.server.received.append(Request(method, target, headers, body))
        answer = self.server.next_answer()
        if callable(answer):
            answer(self)
        else:
            self.wfile.write(answer)


@contextmanager
def trusted_certificate(*names):
    """Path of a certificate for these names and addresses that clients here trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kpi test")])
    now = dt.datetime.now(dt.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(map(_general_name, names)), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "certificate.pem")
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        with patch.dict(os.environ, SSL_CERT_FILE=str(file)):
            yield file


def _general_name(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
