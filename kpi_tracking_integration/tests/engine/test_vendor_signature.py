import base64
import hashlib
import hmac

import pytest
from slack_sdk.signature import SignatureVerifier

from odoo.addons.kpi_tracking_alert.engine.webhook_signature import (
    WINDOW,
    SignatureError,
    TimeError,
)

from ...engine.vendor_signature import check_hubspot, check_slack, check_teams

# The example of Slack's documentation.
SECRET, MOMENT = "8f742231b10e8888abcd99yyyzzz85a5", 1531420618
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
HEADERS = {
    "x-slack-request-timestamp": str(MOMENT),
    "x-slack-signature": "v0="
    "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
}


class _Now:
    """The clock of Slack's own check."""

    def __init__(self, seconds):
        self.seconds = seconds

    def now(self):
        return self.seconds


def _is_slacks(secret, headers, body, now):
    """Whether Slack's library takes a message."""
    try:
        verifier = SignatureVerifier(secret, _Now(now))
        return verifier.is_valid_request(body, dict(headers))
    except (TypeError, ValueError):  # it breaks off at a time or secret that is none
        return False


@pytest.mark.parametrize("seconds", [-WINDOW, 0, WINDOW])
def test_slacks_own_example_is_signed(seconds):
    check_slack(SECRET, HEADERS, BODY, MOMENT + seconds)
    assert _is_slacks(SECRET, HEADERS, BODY, MOMENT + seconds)


@pytest.mark.parametrize("body", [b"", "text=Erlös".encode(), b'{"a": 1}' * 5_000])
def test_what_slacks_library_signs_is_slacks(body):
    signature = SignatureVerifier(SECRET).generate_signature(
        timestamp=str(MOMENT), body=body
    )
    check_slack(SECRET, HEADERS | {"x-slack-signature": signature}, body, MOMENT)


@pytest.mark.parametrize(
    ("change", "body", "seconds", "secret"),
    [
        ({}, BODY, WINDOW + 1, SECRET),
        ({}, BODY, -WINDOW - 1, SECRET),
        ({}, BODY + b"&", 0, SECRET),
        ({"x-slack-request-timestamp": str(MOMENT + 1)}, BODY, 0, SECRET),
        ({"x-slack-request-timestamp": ""}, BODY, 0, SECRET),
        ({"x-slack-request-timestamp": "١"}, BODY, 0, SECRET),
        ({"x-slack-signature": ""}, BODY, 0, SECRET),
        ({"x-slack-signature": "v0=é"}, BODY, 0, SECRET),
        ({}, BODY, 0, "other"),
        ({}, BODY, 0, ""),
    ],
)
def test_any_other_message_is_not_slacks(change, body, seconds, secret):
    with pytest.raises(SignatureError):
        check_slack(secret, HEADERS | change, body, MOMENT + seconds)
    assert not _is_slacks(secret, HEADERS | change, body, MOMENT + seconds)


def test_nobody_signs_with_nothing():
    content = b"v0:%d:%s" % (MOMENT, BODY)
    signature = "v0=" + hmac.new(b"", content, hashlib.sha256).hexdigest()
    with pytest.raises(SignatureError):
        check_slack("", HEADERS | {"x-slack-signature": signature}, BODY, MOMENT)


def _teams(key, body):
    digest = hmac.new(key, body, hashlib.sha256).digest()
    return {"authorization": f"HMAC {base64.b64encode(digest).decode()}"}


def test_teams_signs_the_body():
    key = bytes(range(32))
    secret = base64.b64encode(key).decode()
    check_teams(secret, _teams(key, BODY), BODY)
    for given, headers, body in (
        (secret, _teams(key, BODY), BODY + b" "),
        (secret, _teams(b"other", BODY), BODY),
        (secret, {}, BODY),
        (secret, {"authorization": _teams(key, BODY)["authorization"][5:]}, BODY),
        ("", _teams(b"", BODY), BODY),
        ("no base64", _teams(key, BODY), BODY),
    ):
        with pytest.raises(SignatureError):
            check_teams(given, headers, body)


HUBSPOT = ("POST", "https://odoo.example.com/kpi/in/abc", b'[{"eventId": 1}]')


def _sign_for_hubspot(moment, request=HUBSPOT, secret=SECRET):
    method, address, body = request
    content = f"{method}{address}".encode() + body + str(moment).encode()
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    return {
        "x-hubspot-request-timestamp": str(moment),
        "x-hubspot-signature-v3": base64.b64encode(digest).decode(),
    }


@pytest.mark.parametrize("seconds", [-WINDOW, 0, WINDOW])
def test_hubspot_signs_method_address_body_and_time(seconds):
    headers = _sign_for_hubspot(MOMENT * 1000)
    key = check_hubspot(SECRET, headers, HUBSPOT, MOMENT + seconds)
    assert key == headers["x-hubspot-signature-v3"]


@pytest.mark.parametrize("place", range(3))
def test_of_a_request_to_hubspots_app_nothing_can_be_changed(place):
    other = [*HUBSPOT]
    other[place] += b" " if place == 2 else "x"
    with pytest.raises(SignatureError):
        check_hubspot(SECRET, _sign_for_hubspot(MOMENT * 1000), tuple(other), MOMENT)


def test_nobody_else_signs_for_hubspot():
    headers = _sign_for_hubspot(MOMENT * 1000, secret="another")
    for secret, given in ((SECRET, headers), ("", headers), (SECRET, {})):
        with pytest.raises(SignatureError):
            check_hubspot(secret, given, HUBSPOT, MOMENT)
    with pytest.raises(TimeError):
        check_hubspot(SECRET, headers, HUBSPOT, MOMENT + 360)
