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
    return _sign(content, secret)


def unseal(text: str, secret: bytes) -> Any:
    """The payload of a text by ``seal``.

    :raises SignatureError: it is not ours
    """
    return json.loads(_decode_base64(_verify(text, secret)))


def token(claims: Mapping[str, Any], secret: bytes) -> str:
    """A JSON Web Token (RFC 7519) signed by HMAC-SHA256."""
    header = _encode_base64(json.dumps(HEADER).encode())
    content = f"{header}.{_encode_base64(json.dumps(dict(claims)).encode())}"
    return _sign(content, secret)


def claims(text: str, secret: bytes, *, audience: str, now: float) -> dict[str, Any]:
    """Read the claims of a ``token`` and check that they hold.

    The algorithm is ours to say, not the token's: its header is read only to be equal.

    :param audience: what its ``aud`` must be
    :param now: seconds since 1970; its ``exp`` must lie behind
    :raises SignatureError: not ours, for others, or too old
    """
    header, _dot, body = _verify(text, secret).partition(".")
    found = json.loads(_decode_base64(body))
    if json.loads(_decode_base64(header)) != HEADER or found.get("aud") != audience:
        raise SignatureError("made for something else")
    if not now < found.get("exp", 0):
        raise SignatureError("expired")
    return found


def _sign(content: str, secret: bytes) -> str:
    digest = hmac.digest(secret, content.encode(), hashlib.sha256)
    return f"{content}.{_encode_base64(digest)}"


def _verify(text: str, secret: bytes) -> str:
    """What was signed."""
    content = text.rpartition(".")[0]
    if not hmac.compare_digest(text.encode(), _sign(content, secret).encode()):
        raise SignatureError("the signature does not fit")
    return content


def _encode_base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decode_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError("not ours") from error
