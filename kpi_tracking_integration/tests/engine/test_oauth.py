import base64
import json
from datetime import datetime, timezone
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ...engine.oauth import (
    Client,
    KeyFault,
    OAuthRefused,
    ask_anew,
    ask_as_client,
    ask_by_assertion,
    ask_by_code,
    build_address,
    new_verifier,
    read_service_account,
    read_token,
)
from ...engine.oauth.flow import LONGEST

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
CLIENT = Client("app 1", "se&cret")
BACK = "https://kpi.example.com/kpi/oauth"


def _form(body):
    return {name: value for name, (value,) in parse_qs(body.decode()).items()}


def _pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _read(text, key):
    """Header and claims, as whoever has the public key reads them (RFC 7515, 5.2)."""
    header, claims, signature = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        for part in text.split(".")
    )
    content = text.rpartition(".")[0].encode()
    key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
    return json.loads(header), json.loads(claims)


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def file(key):
    return {
        "client_email": "kpi@x.test",
        "private_key": _pem(key),
        "private_key_id": "7",
    }


def test_the_challenge_is_that_of_the_rfc():
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
    address = build_address("https://x.test/a?b=c", CLIENT, BACK, "s", verifier, "r w")
    query = {
        name: value for name, (value,) in parse_qs(urlsplit(address).query).items()
    }
    assert query == {
        "b": "c",
        "response_type": "code",
        "client_id": "app 1",
        "redirect_uri": BACK,
        "scope": "r w",
        "state": "s",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    assert "se%26cret" not in address


def test_verifiers_cannot_be_guessed():
    assert new_verifier() != new_verifier()
    assert len(new_verifier()) == 43


def test_each_grant_is_asked_for_as_a_form():
    assert _form(ask_by_code(CLIENT, "c+d", BACK, "v")) == {
        "grant_type": "authorization_code",
        "client_id": "app 1",
        "client_secret": "se&cret",
        "code": "c+d",
        "redirect_uri": BACK,
        "code_verifier": "v",
    }
    assert _form(ask_anew(Client("public"), "r")) == {
        "grant_type": "refresh_token",
        "client_id": "public",
        "refresh_token": "r",
    }
    assert _form(ask_as_client(CLIENT, "all"))["scope"] == "all"
    assert _form(ask_by_assertion("a.b.c")) == {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": "a.b.c",
    }


@pytest.mark.parametrize(
    ("more", "refresh"),
    [
        ({}, ""),
        ({"expires_in": 60, "token_type": "Bearer"}, ""),
        ({"refresh_token": None}, ""),
        ({"refresh_token": "b"}, "b"),
    ],
)
def test_a_token_is_read_and_not_written_out(more, refresh):
    token = read_token(json.dumps({"access_token": "abc", **more}).encode())
    assert (token.access, token.refresh) == ("abc", refresh)
    assert repr(token) == "Token()"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error": "invalid_grant", "error_description": "<b>"}', "invalid_grant"),
        (b'{"error": "<script>", "access_token": "a"}', ""),
        (b'{"error": {"code": 401}}', ""),
        (b"<html>Sign in</html>", ""),
        (b"", ""),
        (b"[]", ""),
        (b"{}", ""),
        (b'{"access_token": ""}', ""),
        (b'{"access_token": 7}', ""),
        (b'{"access_token": "a\\r\\nX: b"}', ""),
        (b'{"access_token": "a b"}', ""),
        (b'{"access_token": "a", "refresh_token": ["b"]}', ""),
        (b'{"access_token": "a", "token_type": "mac"}', ""),
        (b'{"access_token": "%s"}' % (b"a" * (LONGEST + 1)), ""),
        (b"[" * 100_000, ""),
    ],
)
def test_what_is_no_token_is_refused(body, code):
    with pytest.raises(OAuthRefused) as caught:
        read_token(body)
    assert str(caught.value) == code


def test_an_assertion_is_read_by_others(key, file):
    account = read_service_account(json.dumps(file))
    header, claims = _read(
        account.sign("https://x/token", "r w", NOW), key.public_key()
    )
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "7"}
    assert claims == {
        "iss": "kpi@x.test",
        "scope": "r w",
        "aud": "https://x/token",
        "iat": 1772452800,
        "exp": 1772456400,
    }


def test_another_key_does_not_sign_for_it(file):
    text = read_service_account(json.dumps(file)).sign("a", "b", NOW)
    with pytest.raises(InvalidSignature):
        _read(text, rsa.generate_private_key(65537, 2048).public_key())


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"client_email": None}, "client_email"),
        ({"private_key": ""}, "private_key"),
        ({"private_key": "-----BEGIN PRIVATE KEY-----\nno\n"}, "private_key"),
        ({"private_key": _pem(ec.generate_private_key(ec.SECP256R1()))}, "private_key"),
        ({"private_key": _pem(rsa.generate_private_key(65537, 1024))}, "private_key"),
    ],
)
def test_a_file_that_is_no_key_says_what_it_lacks(file, change, missing):
    with pytest.raises(KeyFault) as caught:
        read_service_account(json.dumps({**file, **change}))
    assert str(caught.value) == missing


@pytest.mark.parametrize("text", ["", "key", "[]", "\0", "{" * 5000])
def test_other_texts_are_no_keys(text):
    with pytest.raises(KeyFault):
        read_service_account(text)


def test_the_key_is_not_written_out(file):
    account = read_service_account(json.dumps(file))
    assert repr(account) == "ServiceAccount(email='kpi@x.test', key_id='7')"
