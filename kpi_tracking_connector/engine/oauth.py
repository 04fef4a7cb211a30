"""OAuth 2.1 for assistants: registration, authorization requests and PKCE.

Revision 2025-06-18 of the Model Context Protocol names its parts: RFC 7591
(registration), 7636 (PKCE), 8252 (programs on the user's machine), 8414 and 9728
(metadata), 8707 (resource).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from odoo.addons.kpi_base.engine import nesting

MCP_PATH = "/api/kpi/mcp"
RESOURCE_PATH = "/.well-known/oauth-protected-resource"
SERVER_PATH = "/.well-known/oauth-authorization-server"
AUTHORIZE_PATH = "/kpi/oauth/authorize"
REGISTER_PATH = "/kpi/oauth/register"
TOKEN_PATH = "/kpi/oauth/token"
REVOKE_PATH = "/kpi/oauth/revoke"

READ_SCOPES = ("kpi.mcp", "kpi.read")
PROPOSE_SCOPE = "kpi.write"
SCOPES = (*READ_SCOPES, PROPOSE_SCOPE)

MAX_REDIRECTS = 5
MAX_REDIRECT = 500  # characters
MAX_NAME = 80
MAX_STATE = 2000
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Browsers take a backslash for a slash, and the others end an address in a page.
_ADDRESS = re.compile(r"""[!$-;=?-\[\]^-~]+""", re.ASCII)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


class OAuthError(ValueError):
    """A refusal, in words for those who write programs.

    :ivar code: of RFC 6749, 7591 or 8707
    """

    def __init__(self, code: str, text: str):
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Registration:
    """A program as it describes itself; nothing of it is verified."""

    name: str
    redirects: tuple[str, ...]


@dataclass(frozen=True)
class AuthorizationRequest:
    """What a program asks its user for."""

    client_id: str
    redirect: str
    state: str
    challenge: str
    scopes: tuple[str, ...]


def describe_resource(base: str) -> dict[str, Any]:
    """Metadata of what is protected (RFC 9728).

    :param base: address of the server, without a slash at the end
    """
    return {
        "resource": f"{base}{MCP_PATH}",
        "resource_name": "KPIs",
        "authorization_servers": [base],
        "scopes_supported": list(SCOPES),
        "bearer_methods_supported": ["header"],
    }


def describe_server(base: str) -> dict[str, Any]:
    """Metadata of what issues tokens (RFC 8414)."""
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}{AUTHORIZE_PATH}",
        "token_endpoint": f"{base}{TOKEN_PATH}",
        "registration_endpoint": f"{base}{REGISTER_PATH}",
        "revocation_endpoint": f"{base}{REVOKE_PATH}",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


def read_registration(content: bytes) -> Registration:
    """A registration (RFC 7591).

    Programs that ask for a secret get none: PKCE protects their codes.

    :raises OAuthError: it cannot be read, or asks for what there is not
    """
    try:
        given = nesting.parse(content)
    except nesting.JsonError as error:
        raise OAuthError("invalid_client_metadata", str(error)) from None
    if not isinstance(given, dict):
        raise OAuthError("invalid_client_metadata", "Send an object of JSON.")
    redirects = given.get("redirect_uris")
    if not isinstance(redirects, list) or not 1 <= len(redirects) <= MAX_REDIRECTS:
        text = f"redirect_uris needs 1 to {MAX_REDIRECTS} addresses."
        raise OAuthError("invalid_redirect_uri", text)
    hosts = [split_redirect(redirect).netloc for redirect in redirects]
    for name, needed in (
        ("grant_types", "authorization_code"),
        ("response_types", "code"),
    ):
        values = given.get(name) or [needed]
        if not isinstance(values, list) or needed not in values:
            text = f"{name} has to include {needed}."
            raise OAuthError("invalid_client_metadata", text)
    name = given.get("client_name") or hosts[0]
    if not isinstance(name, str):
        raise OAuthError("invalid_client_metadata", "client_name has to be a text.")
    # Signs that turn the direction of a text are not printable either.
    shown = "".join(letter for letter in name if letter.isprintable())
    shown = " ".join(shown.split())[:MAX_NAME]
    return Registration(shown or hosts[0], tuple(dict.fromkeys(redirects)))


def split_redirect(text: object) -> SplitResult:
    """The parts of an address to which a user can be sent back.

    :raises OAuthError: it is neither https nor a program on the user's machine
    """
    wrong = OAuthError(
        "invalid_redirect_uri",
        "A redirect URI is https://…, or http:// to 127.0.0.1, [::1] or localhost,"
        " without user name and fragment.",
    )
    if not isinstance(text, str) or len(text) > MAX_REDIRECT:
        raise wrong
    if not _ADDRESS.fullmatch(text):
        raise wrong
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    if "@" in parts.netloc or not (host == "::1" or _HOST.fullmatch(host)):
        raise wrong
    if parts.scheme != "https" and not _is_loopback(parts):
        raise wrong
    return parts


def _is_loopback(parts: SplitResult) -> bool:
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def find_redirect(given: str, registered: Iterable[str]) -> str:
    """The address to go back to: one that is registered, letter by letter.

    Only the port of a program on the user's machine is free (RFC 8252, 7.3).

    :raises OAuthError: it is not registered
    """
    for known in registered:
        if given == known:
            return known
    parts = split_redirect(given)
    if _is_loopback(parts):
        for known in map(urlsplit, registered):
            if _is_loopback(known) and _without_port(known) == _without_port(parts):
                return given
    raise OAuthError("invalid_redirect_uri", "This redirect URI is not registered.")


def _without_port(parts: SplitResult) -> tuple[str | None, str, str]:
    return parts.hostname, parts.path, parts.query


def read_request(
    given: Mapping[str, str], redirect: str, base: str
) -> AuthorizationRequest:
    """An authorization request of a known program.

    :param redirect: its address, which was compared
    :raises OAuthError: it cannot be granted
    """
    if given.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response_type has to be code.")
    challenge = given.get("code_challenge", "")
    is_hashed = given.get("code_challenge_method") == "S256"
    if not is_hashed or not _CHALLENGE.fullmatch(challenge):
        text = "PKCE is required: code_challenge, and code_challenge_method S256."
        raise OAuthError("invalid_request", text)
    if len(given.get("state", "")) > MAX_STATE:
        raise OAuthError("invalid_request", f"state is longer than {MAX_STATE}.")
    check_resource(given.get("resource"), base)
    asked = given.get("scope", "").split()
    scopes = [*READ_SCOPES, *(name for name in (PROPOSE_SCOPE,) if name in asked)]
    return AuthorizationRequest(
        given["client_id"], redirect, given.get("state", ""), challenge, tuple(scopes)
    )


def check_resource(resource: str | None, base: str) -> None:
    """Compare the resource that a token is for with ours (RFC 8707).

    :raises OAuthError: it is another one
    """
    if resource and resource.rstrip("/") not in (base, f"{base}{MCP_PATH}"):
        text = f"Tokens are for {base}{MCP_PATH} only."
        raise OAuthError("invalid_target", text)


def is_verifier_of(verifier: object, challenge: str) -> bool:
    """Check whether who redeems a code is who asked for it (RFC 7636, S256)."""
    if not isinstance(verifier, str) or not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(expected, challenge)


def build_return(redirect: str, **values: str) -> str:
    """The address at which a program gets its answer."""
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{redirect}{'&' if '?' in redirect else '?'}{query}"
