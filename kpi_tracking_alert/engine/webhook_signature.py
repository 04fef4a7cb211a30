"""Signatures of webhooks, by the specification Standard Webhooks 1.0.0.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
KEY_BYTES = 24
LEAST_BYTES, MOST_BYTES = 24, 64
WINDOW = 300  # seconds that a message may be old, or ahead


class SecretError(ValueError):
    """A text that is no secret of a webhook."""


class SignatureError(ValueError):
    """A message that is not signed, not by its sender, or not now."""


class TimeError(SignatureError):
    """A message of long ago, or of a clock that is wrong."""


def new_secret() -> str:
    """A secret for both sides."""
    return f"{PREFIX}{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def load_secret(text: str) -> bytes:
    """Key of a secret.

    :raises SecretError: another form, or as short as can be guessed
    """
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError:
        raise SecretError from None
    if not text.startswith(PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise SecretError
    return key


def sign(texts: Sequence[str], webhook_id: str, timestamp: int, body: bytes) -> str:
    """Value of the header ``webhook-signature``, one signature for each secret.

    :param texts: the present secret, and during a rotation the one before
    :param timestamp: seconds since 1970, as in ``webhook-timestamp``
    :raises SecretError: a text is none
    :raises SignatureError: an id with which the signed content would be ambiguous
    """
    if not re.fullmatch(r"[\w-]+", webhook_id, re.ASCII):
        raise SignatureError(f"no id of a webhook: {webhook_id!r}")
    content = b".".join([webhook_id.encode(), str(timestamp).encode(), body])
    signatures = [
        hmac.new(load_secret(text), content, hashlib.sha256).digest() for text in texts
    ]
    return " ".join(f"v1,{base64.b64encode(each).decode()}" for each in signatures)


def verify(
    texts: Sequence[str], headers: Mapping[str, str], body: bytes, now: float
) -> str:
    """Id of a message that one of the secrets has signed.

    :param texts: the present secret, and during a rotation the one before
    :param headers: names in lower case
    :param now: seconds since 1970
    :raises SignatureError: no signature of these
    :raises TimeError: more than ``WINDOW`` away
    :raises SecretError: a text is none, whatever the message
    """
    webhook_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    check_time(timestamp, now)
    expected = sign(texts, webhook_id, int(timestamp), body).split()
    given = headers.get("webhook-signature", "").encode().split()
    # each with each, whatever was found before: how long it takes says nothing
    found = [hmac.compare_digest(a.encode(), b) for a in expected for b in given]
    if not any(found):
        raise SignatureError("not signed by a secret of this address")
    return webhook_id


def check_time(text: str, now: float, per_second: int = 1) -> None:
    """Refuse a message of another time than now.

    :param text: what its header says: seconds since 1970, or parts of them
    :raises SignatureError: no time
    :raises TimeError: more than ``WINDOW`` away
    """
    if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
        raise SignatureError("no time")
    if abs(now - int(text) / per_second) > WINDOW:
        raise TimeError("not of now")
