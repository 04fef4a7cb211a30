"""A mail server of the tests: it takes, refuses, or stays silent, as a test says."""

import email
import email.policy
import socket
import socketserver
import threading

RECIPIENT, DATA = "recipient", "data"


class SmtpServer(socketserver.ThreadingTCPServer):
    """SMTP on a free local port.

    :ivar received: the messages taken, in order, as ``EmailMessage``
    :ivar replies: step (``RECIPIENT`` or ``DATA``) → the line answered instead of 250;
        empty = the message is taken and the connection broken
    :ivar connection_count: how often somebody connected
    :ivar most_messages: after these it ends a connection (0 = never)
    :ivar closing_line: what it says then; empty = nothing
    :ivar silent_at: step at which the server no longer answers; "greeting" too
    :ivar is_waiting: set while somebody waits for such an answer
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Session)
        self.lock = threading.Lock()
        self.received = []
        self.replies = {}
        self.connection_count = 0
        self.most_messages = 0
        self.closing_line = ""
        self.silent_at = None
        self.silent_from = 0
        self.is_waiting = threading.Event()
        self.released = threading.Event()

    @property
    def port(self):
        return self.server_address[1]

    def subjects(self):
        with self.lock:
            return [message["Subject"] for message in self.received]

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error):
        self.released.set()
        self.shutdown()
        self.server_close()


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        with self.server.lock:
            self.server.connection_count += 1
        self.taken_count = 0
        self._stay_silent("greeting")
        self._say("220 ready")
        for line in iter(self.rfile.readline, b""):
            if self._has_enough():
                return
            verb = line[:4].upper().strip()
            if verb in (b"EHLO", b"HELO"):
                self._say("250 test")
            elif verb == b"RCPT":
                self._say(self.server.replies.get(RECIPIENT, "250 ok"))
            elif verb == b"DATA":
                self._take()
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _has_enough(self):
        """Whether the server ends the connection instead of answering."""
        most = self.server.most_messages
        if not most or self.taken_count < most:
            return False
        if self.server.closing_line:
            self._say(self.server.closing_line)
        return True

    def _take(self):
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        reply = self.server.replies.get(DATA, "250 taken")
        if reply.startswith("250") or not reply:
            message = email.message_from_bytes(
                b"".join(lines), policy=email.policy.default
            )
            self.taken_count += 1
            with self.server.lock:
                self.server.received.append(message)
        self._stay_silent(DATA)
        if reply:
            self._say(reply)
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def _stay_silent(self, step):
        server = self.server
        if server.silent_at == step and len(server.received) >= server.silent_from:
            server.is_waiting.set()
            server.released.wait(60)

    def _say(self, line):
        self.wfile.write(f"{line}\r\n".encode())
