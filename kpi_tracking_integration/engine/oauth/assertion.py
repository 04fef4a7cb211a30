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
    """No key of a service account; its text is the name of what is wrong in it."""


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
        values = None
    values = values if isinstance(values, dict) else {}
    email, pem, key_id = (
        value if isinstance(value := values.get(name), str) else ""
        for name in ("client_email", "private_key", "private_key_id")
    )
    if not email:
        raise KeyFault("client_email")
    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise KeyFault("private_key")
    return ServiceAccount(email, key, key_id)


def _encode(value: dict) -> str:
    return _url_safe(json.dumps(value, separators=(",", ":")).encode())


def _url_safe(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
