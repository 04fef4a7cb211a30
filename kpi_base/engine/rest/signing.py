"""Texts that come back from outside and must be ours: page cursors and tokens."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

HEADER = {"alg": "HS256", "typ": "JWT"}


class SignatureError(ValueError):
    """The text was not made here, was changed, or is too old."""


def derive_secret(secret: str, purpose: str) -> bytes:
    """A key for one purpose, from which the others cannot be worked out."""
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")


def seal(payload: Any, secret: bytes) -> str:
    """``payload`` (what JSON can hold) as a text that ``unseal`` takes back."""
    content = _encode_base64(json.dumps(payload, separators=(",", ":")).encode())
    return f"{content}.{_signature(content, secret)}"


def unseal(text: str, secret: bytes) -> Any:
    """The payload of a text by ``seal``.

    :raises SignatureError: it is not ours
    """
    content, _dot, signature = text.rpartition(".")
    if not hmac.compare_digest(
        signature.encode(), _signature(content, secret).encode()
    ):
        raise SignatureError("the signature does not fit")
    return json.loads(_decode_base64(content))


def token(claims: Mapping[str, Any], secret: bytes) -> str:
    """A JSON Web Token (RFC 7519) signed by HMAC-SHA256."""
    header = _encode_base64(json.dumps(HEADER).encode())
    content = f"{header}.{_encode_base64(json.dumps(dict(claims)).encode())}"
    return f"{content}.{_signature(content, secret)}"


def claims(text: str, secret: bytes, *, audience: str, now: float) -> dict[str, Any]:
    """Read the claims of a ``token`` and check that they hold.

    The algorithm is ours to say, not the token's: its header is read only to be equal.

    :param audience: what its ``aud`` must be
    :param now: seconds since 1970; its ``exp`` must lie behind
    :raises SignatureError: not ours, for others, or too old
    """
    content, _dot, signature = text.rpartition(".")
    if not hmac.compare_digest(
        signature.encode(), _signature(content, secret).encode()
    ):
        raise SignatureError("the signature does not fit")
    header, _dot, body = content.partition(".")
    found = json.loads(_decode_base64(body))
    if json.loads(_decode_base64(header)) != HEADER or found.get("aud") != audience:
        raise SignatureError("made for something else")
    if not now < found.get("exp", 0):
        raise SignatureError("expired")
    return found


def _signature(content: str, secret: bytes) -> str:
    return _encode_base64(hmac.digest(secret, content.encode(), hashlib.sha256))


def _encode_base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decode_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError("not ours") from error
