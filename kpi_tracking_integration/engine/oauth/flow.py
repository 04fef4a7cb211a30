"""What a client asks for, and how it reads what it is given."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode

from odoo.addons.kpi_base.engine.nesting import parse

LONGEST = 16_384  # characters of a token
_ERROR = re.compile(r"[a-z_]{1,40}", re.ASCII)  # RFC 6749, 5.2


class OAuthRefused(Exception):
    """No token was given; its text is the code of the RFC, as ``invalid_grant``."""


@dataclass(frozen=True)
class Client:
    """Who asks: what the vendor calls our application."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Token:
    """Access, until the vendor refuses it.

    :ivar refresh: what another is asked for with; empty = that of before goes on
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)


def new_verifier() -> str:
    """What proves that who asked for a code is who redeems it: 43 letters."""
    return secrets.token_urlsafe(32)


def build_address(
    endpoint: str,
    client: Client,
    redirect: str,
    state: str,
    verifier: str,
    scope: str,
    **further: str,
) -> str:
    """Where somebody is sent to agree; their answer comes to ``redirect``."""
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": redirect,
        "scope": scope,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        **further,
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def ask_by_code(client: Client, code: str, redirect: str, verifier: str) -> bytes:
    """Redeem the code that came back."""
    return _ask(
        client,
        "authorization_code",
        code=code,
        redirect_uri=redirect,
        code_verifier=verifier,
    )


def ask_anew(client: Client, refresh: str) -> bytes:
    """Another token for one that has ended."""
    return _ask(client, "refresh_token", refresh_token=refresh)


def ask_as_client(client: Client, scope: str) -> bytes:
    """A token for the application itself, for nobody in particular."""
    return _ask(client, "client_credentials", scope=scope)


def ask_by_assertion(assertion: str) -> bytes:
    """A token for whoever signed (RFC 7523, 2.1)."""
    kind = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    return urlencode({"grant_type": kind, "assertion": assertion}).encode()


def _ask(client: Client, kind: str, **values: str) -> bytes:
    values = {"grant_type": kind, "client_id": client.id, **values}
    if client.secret:
        values["client_secret"] = client.secret
    return urlencode(values).encode()


def read_token(body: bytes) -> Token:
    """The token of an answer, whatever its status: some refuse with 200.

    :raises OAuthRefused: there is none
    """
    try:
        answer = parse(body)
    except ValueError:
        raise OAuthRefused from None
    if not isinstance(answer, dict):
        raise OAuthRefused
    if "error" in answer:
        code = answer["error"]
        is_code = isinstance(code, str) and _ERROR.fullmatch(code)
        raise OAuthRefused(code if is_code else "")
    access, refresh = answer.get("access_token"), answer.get("refresh_token") or ""
    kind = answer.get("token_type", "bearer")
    if not (_is_token(access) and (not refresh or _is_token(refresh))):
        raise OAuthRefused
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise OAuthRefused
    return Token(access, refresh)


def _is_token(text: object) -> bool:
    """Whether it can stand in a header."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= LONGEST
        and text.isascii()
        and text.isprintable()
        and " " not in text
    )
