"""Signed statements of what a log held, to be stored outside of its database."""

import base64
import binascii
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .canonical import AuditError, canonical_text, parse_canonical

FORMAT = "kpi-audit-anchor-1"
UNSIGNED = "unsigned"


@dataclass(frozen=True)
class Anchor:
    """Root of the first ``size`` leaves of a log at a moment.

    :param log: identifier of the log, such as its database's
    :param root: 32 bytes
    :param anchored_at: moment in UTC, ISO 8601 with ``Z``
    :param public_key: 32 bytes of Ed25519 (RFC 8032); empty = unsigned
    :param signature: 64 bytes over the canonical text of all the others
    """

    log: str
    size: int
    root: bytes
    anchored_at: str
    public_key: bytes = b""
    signature: bytes = field(default=b"", repr=False)

    def signing_input(self) -> bytes:
        """Return the bytes that are signed."""
        return canonical_text(self._members()).encode()

    def text(self) -> str:
        """The anchor as one line of canonical JSON, for a file or a mail."""
        signature = base64.b64encode(self.signature).decode() or UNSIGNED
        return canonical_text({**self._members(), "signature": signature})

    def is_signed_by(self, public_key: bytes) -> bool:
        """Check whether the holder of this key signed exactly this."""
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(
                self.signature, self.signing_input()
            )
        except (InvalidSignature, ValueError):
            return False
        return True

    def _members(self) -> dict:
        return {
            "anchored_at": self.anchored_at,
            "format": FORMAT,
            "log": self.log,
            "public_key": base64.b64encode(self.public_key).decode(),
            "root": self.root.hex(),
            "size": self.size,
        }


class AnchorKey:
    """Signs anchors; made from a file that only the server's owner can read."""

    def __init__(self, seed: bytes) -> None:
        """:param seed: 32 random bytes, the private key of RFC 8032

        :raises AuditError: another number of bytes
        """
        if len(seed) != 32:
            raise AuditError(f"An Ed25519 key has 32 bytes, got {len(seed)}.")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> bytes:
        """32 bytes to check signatures with."""
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign_anchor(self, log: str, size: int, root: bytes, anchored_at: str) -> Anchor:
        """The anchor of these values with a signature."""
        bare = Anchor(log, size, root, anchored_at, self.public_key)
        signature = self._private.sign(bare.signing_input())
        return Anchor(log, size, root, anchored_at, self.public_key, signature)


def parse_anchor(text: str) -> Anchor:
    """The anchor of a line that :meth:`Anchor.text` wrote.

    :raises AuditError: anything else
    """
    members = parse_canonical(text.strip())
    if not isinstance(members, dict) or members.get("format") != FORMAT:
        raise AuditError(f"This is not an anchor of the format {FORMAT}.")
    try:
        signature = members["signature"]
        return Anchor(
            log=members["log"],
            size=int(members["size"]),
            root=bytes.fromhex(members["root"]),
            anchored_at=members["anchored_at"],
            public_key=base64.b64decode(members["public_key"], validate=True),
            signature=b""
            if signature == UNSIGNED
            else base64.b64decode(signature, validate=True),
        )
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise AuditError(f"The anchor is damaged: {error}") from error
