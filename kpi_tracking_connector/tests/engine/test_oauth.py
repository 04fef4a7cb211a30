import json

import pytest

from ...engine.oauth import (
    OAuthError,
    build_return,
    find_redirect,
    is_verifier_of,
    read_registration,
    read_request,
    split_redirect,
)

BASE = "https://kpi.example.com"
# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
REQUEST = {
    "client_id": "a",
    "response_type": "code",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.mark.parametrize(
    "address",
    [
        "https://claude.example/api/mcp/auth_callback",
        "https://a.example:8443/back?kind=mcp",
        "http://127.0.0.1/callback",
        "http://127.0.0.1:33418",
        "http://[::1]:1/callback",
        "http://localhost:3000/callback",
    ],
)
def test_addresses_to_go_back_to(address):
    assert split_redirect(address).geturl() == address


@pytest.mark.parametrize(
    "address",
    [
        "http://evil.example/callback",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "https://user:word@a.example/",
        "https://a.example/#part",
        "https://a.example\\@evil.example/",
        "https://a.example/ b",
        "https://a.example/\r\nSet-Cookie: a=b",
        "https://a.example;script-src/",
        "https://exämple.com/",
        "https:///callback",
        "https://a.example:99999/",
        "https://[::1/",
        "//a.example/",
        "/callback",
        "javascript:alert(1)",
        "data:text/html,a",
        "file:///etc/passwd",
        "cursor://anysphere/callback",
        "https://a.example/" + "a" * 500,
        "",
        None,
        7,
        ["https://a.example/"],
    ],
)
def test_addresses_that_nobody_is_sent_to(address):
    with pytest.raises(OAuthError):
        split_redirect(address)


def test_an_address_is_the_registered_one_letter_by_letter():
    registered = ["https://a.example/back", "https://a.example/back?kind=mcp"]
    for address in registered:
        assert find_redirect(address, registered) == address
    for address in (
        "https://a.example/back/",
        "https://a.example/Back",
        "https://a.example/back?kind=other",
        "https://a.example/back%2F",
        "https://A.example/back",
        "https://a.example:443/back",
        "https://a.example/back/../other",
        "https://a.example.evil.example/back",
        "http://127.0.0.1/back",
        "",
    ):
        with pytest.raises(OAuthError):
            find_redirect(address, registered)


def test_only_the_port_of_a_program_on_the_same_machine_is_free():
    registered = ["http://127.0.0.1:1/back", "http://localhost/back"]
    for address in ("http://127.0.0.1:5000/back", "http://localhost:9/back"):
        assert find_redirect(address, registered) == address
    for address in (
        "http://127.0.0.1:5000/other",
        "http://127.0.0.1:5000/back?more=1",
        "http://[::1]:5000/back",
        "https://127.0.0.1:5000/back",
        "http://127.0.0.1:x/back",
    ):
        with pytest.raises(OAuthError):
            find_redirect(address, registered)


def test_a_program_registers():
    content = {
        "client_name": " Cl\u202eaude\n<b> ",
        "redirect_uris": ["https://a.example/b", "https://a.example/b"],
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code", "refresh_token"],
        "logo_uri": "https://evil.example/pixel",
    }
    read = read_registration(json.dumps(content).encode())
    assert read.name == "Claude<b>"
    assert read.redirects == ("https://a.example/b",)
    del content["client_name"]
    assert read_registration(json.dumps(content).encode()).name == "a.example"
    long = {**content, "client_name": "a" * 5000}
    assert len(read_registration(json.dumps(long).encode()).name) == 80


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"redirect_uris": []}',
        b'{"redirect_uris": "https://a.example/"}',
        b'{"redirect_uris": {"a": 1}}',
        b'{"redirect_uris": ["http://a.example/"]}',
        b'{"redirect_uris": ["https://a.example/"], "client_name": 7}',
        b'{"redirect_uris": ["https://a.example/"], "grant_types": ["implicit"]}',
        b'{"redirect_uris": ["https://a.example/"], "grant_types": "implicit"}',
        b'{"redirect_uris": ["https://a.example/"], "response_types": ["token"]}',
        json.dumps({"redirect_uris": ["https://a.example/"] * 6}).encode(),
        b"[" * 5000,
    ],
)
def test_registrations_that_are_refused(content):
    with pytest.raises(OAuthError):
        read_registration(content)


def test_scopes_of_a_request_are_those_that_there_are():
    for scope, given in (
        ("", ("kpi.mcp", "kpi.read")),
        ("openid kpi.read", ("kpi.mcp", "kpi.read")),
        ("kpi.write audit.read", ("kpi.mcp", "kpi.read", "kpi.write")),
    ):
        read = read_request({**REQUEST, "scope": scope}, "https://a.example/", BASE)
        assert read.scopes == given


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1]}, "invalid_request"),
        ({"state": "s" * 2001}, "invalid_request"),
        ({"resource": "https://other.example/api/kpi/mcp"}, "invalid_target"),
        ({"resource": f"{BASE}/api/kpi"}, "invalid_target"),
        ({"resource": f"{BASE}.evil.example"}, "invalid_target"),
    ],
)
def test_requests_that_are_refused(given, code):
    with pytest.raises(OAuthError) as refused:
        read_request({**REQUEST, **given}, "https://a.example/", BASE)
    assert refused.value.code == code


def test_tokens_are_for_this_address():
    for resource in (BASE, f"{BASE}/", f"{BASE}/api/kpi/mcp", "", None):
        given = {**REQUEST, "resource": resource}
        assert read_request(given, "https://a.example/", BASE).challenge == CHALLENGE


def test_who_redeems_is_who_asked():
    assert is_verifier_of(VERIFIER, CHALLENGE)
    wrong = (VERIFIER[:-1], VERIFIER + "a", CHALLENGE, "", None, "a" * 129, "ä" * 43)
    for verifier in wrong:
        assert not is_verifier_of(verifier, CHALLENGE)


def test_answers_keep_the_query_of_the_address():
    address = build_return("https://a.example/b?c=1", code="x y", state="", iss=BASE)
    assert (
        address == "https://a.example/b?c=1&code=x+y&iss=https%3A%2F%2Fkpi.example.com"
    )
