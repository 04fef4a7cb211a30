import base64
import hashlib
import hmac
import json

import pytest

from ...engine.rest.signing import (
    SignatureError,
    claims,
    derive_secret,
    seal,
    token,
    unseal,
)

SECRET = derive_secret("secret of the database", "tests")
GIVEN = {"aud": "here", "sub": 7, "exp": 1000}


def test_secrets_of_two_purposes_differ():
    assert derive_secret("s", "cursor") != derive_secret("s", "token")


def test_what_was_sealed_opens_again():
    payload = ["x", 1, 2.5, None]
    assert unseal(seal(payload, SECRET), SECRET) == payload


@pytest.mark.parametrize("text", ["", ".", "a.b", "é.ü", "W10.", "W10"])
def test_what_was_not_sealed_here_does_not_open(text):
    with pytest.raises(SignatureError):
        unseal(text, SECRET)


def test_a_change_breaks_the_seal():
    text = seal([1], SECRET)
    other = seal([2], SECRET)
    mixed = other.partition(".")[0] + "." + text.partition(".")[2]
    for forged in (mixed, text + "x", "x" + text):
        with pytest.raises(SignatureError):
            unseal(forged, SECRET)


def test_a_token_is_what_the_standard_says():
    """RFC 7519: header, claims and HMAC-SHA256 of both, in base64url."""
    header, body, signature = token(GIVEN, SECRET).split(".")
    digest = hmac.new(SECRET, f"{header}.{body}".encode(), hashlib.sha256).digest()
    assert signature == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    decoded = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    assert json.loads(decoded) == GIVEN


def test_a_token_tells_its_claims_until_it_ends():
    text = token(GIVEN, SECRET)
    assert claims(text, SECRET, audience="here", now=999.9) == GIVEN
    for audience, now in (("here", 1000), ("there", 0)):
        with pytest.raises(SignatureError):
            claims(text, SECRET, audience=audience, now=now)


def test_the_token_does_not_choose_the_algorithm():
    _header, body, _signature = token(GIVEN, SECRET).split(".")
    header = base64.urlsafe_b64encode(b'{"alg": "none", "typ": "JWT"}').decode()
    content = f"{header.rstrip('=')}.{body}"
    digest = hmac.new(SECRET, content.encode(), hashlib.sha256).digest()
    signed = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    for signature in ("", signed):
        with pytest.raises(SignatureError):
            claims(f"{content}.{signature}", SECRET, audience="here", now=0)
