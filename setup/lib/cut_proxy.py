"""Between browser and server: a network that fails as that of a phone."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

from ports import free_port

SIZE = 65536  # bytes read at once
PAGE = b"<html><body>Accept the terms of this hotel</body></html>"
PORTAL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)
)
# of a request: it does not arrive, half of it does, its answer breaks off, or is lost
STAGES = ("before", "half", "during", "deaf")


class CutProxy:
    """``mode`` of all connections: through, down, portal, or deaf (requests arrive,
    their answers do not).

    :ivar stages: of each request that has ``path`` in it, in turn; else ``mode`` is
    """

    def __init__(
        self, port: int, path: bytes = b"", stages: Iterator[str] | None = None
    ):
        self.target, self.port, self.mode = port, free_port(), "through"
        self.path, self.stages = path, stages or iter(())
        self.url = f"http://localhost:{self.port}"
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def change(self, mode: str) -> None:
        """Connections that are open follow at once."""
        self.mode = mode
        for each in self.open:
            hang_up(each)
        self.open.clear()

    def end(self) -> None:
        self.change("down")
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        if self.mode == "down":
            client.close()
        elif self.mode == "portal":
            client.recv(SIZE)
            client.sendall(PORTAL)
            client.close()
        else:
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except ConnectionRefusedError:  # it restarts
                client.close()
                return
            self.open += [client, server]
            stage = [""]  # of the request that is under way
            ways = ((client, server, self._ask), (server, client, self._answer))
            for source, target, act in ways:
                threading.Thread(
                    target=_pass, args=(source, target, act, stage), daemon=True
                ).start()

    def _ask(self, data: bytes, stage: list[str]) -> bytes:
        if self.path and self.path in data:
            stage[0] = next(self.stages, "")
        return {"before": b"", "half": data[: len(data) // 2]}.get(stage[0], data)

    def _answer(self, data: bytes, stage: list[str]) -> bytes:
        if stage[0] == "during":
            return data[: len(data) // 2]
        return b"" if "deaf" in (stage[0], self.mode) else data


def _pass(source, target, act, stage) -> None:
    """Until one of both hangs up, or something is left out."""
    with suppress(OSError):
        while data := source.recv(SIZE):
            passed = act(data, stage)
            target.sendall(passed)
            if len(passed) < len(data):
                break
    hang_up(source)
    hang_up(target)


def hang_up(connection: socket.socket) -> None:
    """At once, also where somebody waits for what it says."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
