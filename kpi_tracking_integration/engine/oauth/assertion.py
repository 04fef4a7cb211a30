"""Service accounts: who they are is signed with their key (RFC 7515, 7519, 7523)."""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from odoo.addons.kpi_base.engine.nesting import JsonError, load_json

LIFETIME = 3600  # seconds, the most that Google takes
LEAST_BITS = 2048  # RFC 7518, 3.3


class KeyFault(ValueError):
    """A text that is no key of a service account.

    :ivar missing: name of what it lacks; empty = it is no JSON, or the key is none
    """

    def __init__(self, missing: str = "") -> None:
        super().__init__(missing or "no key")
        self.missing = missing


@dataclass(frozen=True)
class ServiceAccount:
    """The account of an application, as the file has it that Google hands out."""

    email: str
    key: rsa.RSAPrivateKey = field(repr=False)
    key_id: str = ""

    def sign(self, audience: str, scope: str, now: datetime) -> str:
        """An assertion for the token endpoint ``audience``.

        :param now: with its time zone
        """
        issued = int(now.timestamp())
        claims = {
            "iss": self.email,
            "scope": scope,
            "aud": audience,
            "iat": issued,
            "exp": issued + LIFETIME,
        }
        header = {"alg": "RS256", "typ": "JWT"}
        if self.key_id:
            header["kid"] = self.key_id
        content = f"{_encode(header)}.{_encode(claims)}"
        signature = self.key.sign(content.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{content}.{_url_safe(signature)}"


def read_service_account(text: str) -> ServiceAccount:
    """The account of a key file.

    :raises KeyFault: it is none
    """
    try:
        values = load_json(text)
    except JsonError:
        raise KeyFault from None
    if not isinstance(values, dict):
        raise KeyFault
    for name in ("client_email", "private_key"):
        if not (isinstance(values.get(name), str) and values[name]):
            raise KeyFault(name)
    try:
        key = serialization.load_pem_private_key(values["private_key"].encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFault from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise KeyFault
    key_id = values.get("private_key_id")
    return ServiceAccount(
        values["client_email"], key, key_id if isinstance(key_id, str) else ""
    )


def _encode(value: dict) -> str:
    return _url_safe(json.dumps(value, separators=(",", ":")).encode())


def _url_safe(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
