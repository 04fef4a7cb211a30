"""A client that closes as soon as the answer is complete.

Odoo's workers hold a connection for ten milliseconds when the client waits for them to
close it, whatever they were asked.
"""

import json
import socket
from typing import Any

SECONDS = 120
HEAD_END = b"\r\n\r\n"


class Client:
    """Asks one server with one key."""

    def __init__(self, port: int, key: str):
        self.port, self.key = port, key

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, bytes]:
        """Status and body of the answer."""
        content = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {self.key}",
            "Connection: close",
        ]
        if body is not None:
            lines.append("Content-Type: application/json")
            lines.append(f"Content-Length: {len(content)}")
        lines += [f"{name.replace('_', '-')}: {text}" for name, text in headers.items()]
        head = "\r\n".join(lines).encode() + HEAD_END
        with socket.create_connection(("127.0.0.1", self.port), SECONDS) as connection:
            connection.sendall(head + content)
            return _answer(connection)


def _answer(connection: socket.socket) -> tuple[int, bytes]:
    received = b""
    while HEAD_END not in received:
        received += _some(connection)
    head, body = received.split(HEAD_END, 1)
    lines = head.decode("latin-1").split("\r\n")
    named = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    parts = [body]
    missing = int(named.get("content-length", 0)) - len(body)
    while missing > 0:
        parts.append(_some(connection))
        missing -= len(parts[-1])
    return int(lines[0].split()[1]), b"".join(parts)


def _some(connection: socket.socket) -> bytes:
    content = connection.recv(2**16)
    if not content:
        raise ConnectionError("the server closed the connection before it had answered")
    return content
