"""Files handed over by SFTP: whole and under their name, or not at all."""

import io
import logging
import posixpath
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from threading import Timer
from typing import Any

from odoo.addons.kpi_base.engine.fault import Fault

SECONDS = 60.0  # for all of a connection
STEP_SECONDS = 15.0  # for one answer of the server
CLOSED = "Socket is closed"  # paramiko's words, in an error like those of files
# Its thread writes each broken connection to the log; here they have sentences.
logging.getLogger("paramiko.transport").setLevel(logging.CRITICAL)


def _lt(template: str) -> str:
    """A template; under this name Odoo collects it for its translators."""
    return template


class SftpFault(Fault):
    """Why a server did not take a file."""


def fingerprint(host_key: str) -> str:
    """A host key as people compare it; as ``ssh-keygen -l`` shows it."""
    kind, _blank, encoded = host_key.partition(" ")
    digest = sha256(bytes.fromhex(encoded)).digest()
    return f"SHA256:{b64encode(digest).decode().rstrip('=')} ({kind})"


@contextmanager
def open_server(
    line: socket.socket, known_key: str, folder: str
) -> Iterator["SftpServer"]:
    """Speak SSH over a connection, which is closed at the end.

    :param known_key: what ``host_key`` was once; its kind is asked for first
    :param folder: of files; empty = where the login begins
    :raises SftpFault: also for what comes to nothing in the block
    """
    with closing(line):
        try:
            import paramiko  # optional, so that the addon works without it
        except ImportError:
            raise SftpFault(
                _lt(
                    "SFTP needs the Python package paramiko. Ask your "
                    "administrator to install it."
                )
            ) from None
        try:
            transport = paramiko.Transport(line)
            transport.auth_timeout = transport.channel_timeout = STEP_SECONDS
            kind = known_key.partition(" ")[0].removeprefix("ssh-")
            options = transport.get_security_options()
            options.key_types = sorted(options.key_types, key=lambda k: kind not in k)
            watch = Timer(SECONDS, transport.close)
            watch.start()
            with closing(transport):
                try:
                    transport.start_client(timeout=STEP_SECONDS)
                    yield SftpServer(transport, known_key, folder)
                finally:
                    watch.cancel()
        except paramiko.AuthenticationException:
            raise SftpFault(
                _lt("The SFTP server refused the user name, password or private key.")
            ) from None
        except (EOFError, TimeoutError, ConnectionError, paramiko.SSHException) as e:
            raise _ended(e) from e
        except FileNotFoundError:
            raise SftpFault(
                _lt("The SFTP server has no folder “%(folder)s”."), folder=folder
            ) from None
        except PermissionError:
            raise SftpFault(
                _lt("The login cannot write to “%(folder)s”."),
                folder=folder,
            ) from None
        except OSError as error:
            if str(error) == CLOSED:
                raise _ended(error) from error
            raise SftpFault(
                _lt(
                    "The SFTP server rejected the file: %(reason)s. Check its disk "
                    "space."
                ),
                reason=str(error),
            ) from error


def _ended(error: Exception) -> SftpFault:
    return SftpFault(
        _lt("The SFTP connection was lost: %(reason)s"),
        reason=str(error) or type(error).__name__,
    )


class SftpServer:
    """A server that is spoken to.

    :ivar host_key: kind and hexadecimal digits of the key by which it shows who it is
    """

    def __init__(self, transport: Any, known_key: str, folder: str):
        self.transport, self.known_key, self.folder = transport, known_key, folder
        key = transport.get_remote_server_key()
        self.host_key = f"{key.get_name()} {key.asbytes().hex()}"

    def log_in(self, user: str, password: str, private_key: str) -> None:
        """Log in to the server that is known, and to no other.

        :param private_key: as ``ssh-keygen`` writes it; the password opens it then
        """
        if self.host_key != self.known_key:
            raise SftpFault(
                _lt(
                    "The SFTP server's key has changed; nothing was sent. Click "
                    "“Test” to compare."
                )
            )
        if private_key:
            self.transport.auth_publickey(user, _load_key(private_key, password))
        else:
            self.transport.auth_password(user, password)
        self.client = self.transport.open_sftp_client()
        self.client.get_channel().settimeout(STEP_SECONDS)

    def check(self) -> None:
        """Try whether files can be written to the folder."""
        part = posixpath.join(self.folder, ".kpi-test.part")
        self.client.open(part, "wb").close()
        self.client.remove(part)

    def put(self, name: str, content: bytes, part: str) -> None:
        """Write a file under another name, and give it its own once it is whole.

        :param part: the other name, the same each time: a broken one is written over
        """
        part = posixpath.join(self.folder, part)
        with self.client.open(part, "wb") as file:
            file.set_pipelined(True)
            file.write(content)
        found = self.client.stat(part).st_size
        if found != len(content):
            raise SftpFault(
                _lt("The SFTP server stored only %(found)s of %(count)s bytes."),
                found=found,
                count=len(content),
            )
        self.client.rename(part, posixpath.join(self.folder, name))


def _load_key(private_key: str, password: str) -> Any:
    """:raises SftpFault: it is no key, or the password does not open it"""
    import paramiko

    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError):
            text = io.StringIO(f"{private_key}\n")
            return kind.from_private_key(text, password or None)
    raise SftpFault(_lt("The SSH private key or its password is invalid."))
