"""An SFTP server of the tests: paramiko's, over a folder, with faults on demand."""

import os
import socketserver
import threading
from pathlib import Path

import paramiko

USER, PASSWORD = "kpi", "geheim"


class SftpServer(socketserver.ThreadingTCPServer):
    """SSH on a free local port, which gives one folder.

    :ivar key: of the host; another one may take its place
    :ivar cut_after: bytes of a file after which the connection ends
    :ivar is_full: whether the disk is
    :ivar writing: set once something of a file came
    :ivar goes_on: whether it answers to what is written
    :ivar public_key: that may log in beside the password
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), _Session)
        self.folder = Path(folder)
        self.key = paramiko.ECDSAKey.generate()
        self.cut_after = self.public_key = None
        self.is_full = False
        self.writing, self.goes_on = threading.Event(), threading.Event()
        self.goes_on.set()
        self.opened = []  # names of files, in order

    @property
    def place(self):
        return "{}:{}".format(*self.server_address)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error):
        self.goes_on.set()
        self.shutdown()
        self.server_close()


class _Session(socketserver.BaseRequestHandler):
    def handle(self):
        transport = paramiko.Transport(self.request)
        transport.add_server_key(self.server.key)
        transport.set_subsystem_handler(
            "sftp", paramiko.SFTPServer, _Files, self.server, transport
        )
        try:
            transport.start_server(server=_Guard(self.server))
        except (EOFError, OSError, paramiko.SSHException):
            return  # the client went away
        transport.join()


class _Guard(paramiko.ServerInterface):
    def __init__(self, server):
        self.server = server

    def check_auth_password(self, username, password):
        is_right = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if is_right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username, key):
        is_right = username == USER and key == self.server.public_key
        return paramiko.AUTH_SUCCESSFUL if is_right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, _interface, server, transport):
        super().__init__(_interface)
        self.server, self.transport = server, transport

    def _real(self, path):
        return f"{self.server.folder}/{path}"

    def _try(self, act, *arguments):
        try:
            return act(*arguments)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def open(self, path, flags, attr):
        self.server.opened.append(path.rpartition("/")[2])
        number = self._try(os.open, self._real(path), flags, 0o600)
        is_fault = number in (paramiko.SFTP_NO_SUCH_FILE, paramiko.SFTP_FAILURE)
        if is_fault and not os.path.exists(self._real(path)):
            return number
        handle = _Handle(flags)
        handle.writefile = handle.readfile = os.fdopen(number, "wb")
        handle.files = self
        if self.server.is_full:
            handle.writefile = open("/dev/full", "wb", buffering=0)
        return handle

    def stat(self, path):
        return self._try(
            lambda: paramiko.SFTPAttributes.from_stat(os.stat(self._real(path)))
        )

    def remove(self, path):
        return self._try(os.remove, self._real(path)) or paramiko.SFTP_OK

    def rename(self, oldpath, newpath):
        if os.path.exists(self._real(newpath)):
            return paramiko.SFTP_FAILURE  # as version 3 of the protocol says
        return self._try(os.rename, self._real(oldpath), self._real(newpath)) or (
            paramiko.SFTP_OK
        )


class _Handle(paramiko.SFTPHandle):
    files = None

    def write(self, offset, data):
        cut = self.files.server.cut_after
        if cut is not None and offset + len(data) > cut:
            super().write(offset, data[: cut - offset])
            self.writefile.flush()
            self.files.transport.close()
            return paramiko.SFTP_CONNECTION_LOST
        result = super().write(offset, data)
        self.files.server.writing.set()
        self.files.server.goes_on.wait(10)
        return result
