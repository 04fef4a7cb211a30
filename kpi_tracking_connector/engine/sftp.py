"""Files handed over by SFTP: whole and under their name, or not at all."""

import io
import logging
import posixpath
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from threading import Timer
from typing import Any

from odoo.addons.kpi_base.engine.fault import Fault

SECONDS = 60.0  # for all of a connection
STEP_SECONDS = 15.0  # for one answer of the server
# Its thread writes each broken connection to the log; here they have sentences.
logging.getLogger("paramiko.transport").setLevel(logging.CRITICAL)


def _lt(template: str) -> str:
    """A template; under this name Odoo collects it for its translators."""
    return template


class SftpFault(Fault):
    """Why a server did not take a file."""


@dataclass(frozen=True)
class Login:
    """As whom files are sent.

    :ivar private_key: as ``ssh-keygen`` writes it; the password opens it then
    """

    user: str
    password: str = ""
    private_key: str = ""


def fingerprint(host_key: str) -> str:
    """A host key as people compare it; as ``ssh-keygen -l`` shows it."""
    kind, _blank, encoded = host_key.partition(" ")
    digest = sha256(bytes.fromhex(encoded)).digest()
    return f"SHA256:{b64encode(digest).decode().rstrip('=')} ({kind})"


@contextmanager
def open_transport(line: socket.socket, known_key: str = "") -> Iterator[Any]:
    """Speak SSH over a connection, which is closed at the end.

    :param known_key: what ``read_host_key`` gave once; its kind is asked for first
    :raises SftpFault: there is no SSH, or it ended
    """
    with closing(line):
        try:
            import paramiko  # optional, so that the addon works without it
        except ImportError:
            raise SftpFault(
                _lt(
                    "SFTP needs the Python package paramiko. Ask your administrator to"
                    " install it where Odoo runs."
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
                    yield transport
                finally:
                    watch.cancel()
        except paramiko.AuthenticationException:
            raise SftpFault(
                _lt("The SFTP server refused the user name, password or private key.")
            ) from None
        except (EOFError, TimeoutError, ConnectionError, paramiko.SSHException) as e:
            raise SftpFault(
                _lt("The connection to the SFTP server ended: %(reason)s"),
                reason=str(e) or type(e).__name__,
            ) from e


def read_host_key(transport: Any) -> str:
    """Kind and hexadecimal digits of the key by which a server shows who it is."""
    key = transport.get_remote_server_key()
    return f"{key.get_name()} {key.asbytes().hex()}"


@contextmanager
def open_folder(
    line: socket.socket, known_key: str, login: Login, folder: str
) -> Iterator["Folder"]:
    """Log in; what comes to nothing in the block is said as a ``SftpFault``.

    :raises SftpFault: the server has another key, or refuses
    """
    with open_transport(line, known_key) as transport:
        if read_host_key(transport) != known_key:
            raise SftpFault(
                _lt(
                    "The SFTP server has another key than the one you trusted, so"
                    " nothing was sent. Press Test to compare them."
                )
            )
        if login.private_key:
            key = _load_key(login)
            transport.auth_publickey(login.user, key)
        else:
            transport.auth_password(login.user, login.password)
        client = transport.open_sftp_client()
        client.get_channel().settimeout(STEP_SECONDS)
        try:
            yield Folder(client, folder)
        except FileNotFoundError:
            raise SftpFault(
                _lt("The SFTP server has no folder “%(folder)s”."), folder=folder
            ) from None
        except PermissionError:
            raise SftpFault(
                _lt("The login may not write to the folder “%(folder)s”."),
                folder=folder,
            ) from None
        except (TimeoutError, ConnectionError):
            raise
        except OSError as error:
            raise SftpFault(
                _lt(
                    "The SFTP server did not take the file: %(reason)s. Its disk may be"
                    " full."
                ),
                reason=str(error),
            ) from error


def _load_key(login: Login) -> Any:
    """:raises SftpFault: it is no key, or the password does not open it"""
    import paramiko

    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError):
            text = io.StringIO(f"{login.private_key}\n")
            return kind.from_private_key(text, login.password or None)
    raise SftpFault(
        _lt("This is no private key of SSH, or the password does not open it.")
    )


@dataclass(frozen=True)
class Folder:
    """A folder of a server.

    :ivar path: empty = where the login begins
    """

    client: Any
    path: str

    def check(self) -> None:
        """Try whether files can be written there."""
        part = posixpath.join(self.path, ".kpi-test.part")
        self.client.open(part, "wb").close()
        self.client.remove(part)

    def put(self, name: str, content: bytes, part: str) -> None:
        """Write a file under another name, and give it its own once it is whole.

        :param part: the other name, the same each time: a broken one is written over
        """
        part = posixpath.join(self.path, part)
        with self.client.open(part, "wb") as file:
            file.set_pipelined(True)
            file.write(content)
        found = self.client.stat(part).st_size
        if found != len(content):
            raise SftpFault(
                _lt("The SFTP server stored %(found)s of %(count)s bytes."),
                found=found,
                count=len(content),
            )
        self.client.rename(part, posixpath.join(self.path, name))
