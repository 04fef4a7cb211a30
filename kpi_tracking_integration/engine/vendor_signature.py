"""Signatures that vendors put on what they send, each in its own way."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping

WINDOW = 300  # seconds that a message may be old, or ahead


class SignatureFault(ValueError):
    """A message that is not signed, not by its sender, or not now."""


class TimeFault(SignatureFault):
    """A message of long ago, or of a clock that is wrong."""


def check_slack(
    secret: str, headers: Mapping[str, str], body: bytes, now: float
) -> None:
    """Slack's v0: HMAC-SHA256 over version, time and body.

    https://docs.slack.dev/authentication/verifying-requests-from-slack

    :param headers: names in lower case
    :param now: seconds since 1970
    :raises SignatureFault: it is not Slack's, or not of now
    """
    moment = headers.get("x-slack-request-timestamp", "")
    if not re.fullmatch(r"\d{1,12}", moment, re.ASCII):
        raise SignatureFault("no time")
    if abs(now - int(moment)) > WINDOW:
        raise SignatureFault("not of now")
    content = b":".join([b"v0", moment.encode(), body])
    expected = "v0=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    given = headers.get("x-slack-signature", "")
    _compare(secret, expected.encode(), given.encode())


def check_teams(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """An outgoing webhook of Teams: HMAC-SHA256 over the body, without a time.

    https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook

    :param secret: base64, as Teams shows it once
    :raises SignatureFault: it is not Teams'
    """
    try:
        key = base64.b64decode(secret, validate=True)
    except (ValueError, binascii.Error):
        raise SignatureFault("no secret") from None
    digest = hmac.new(key, body, hashlib.sha256).digest()
    given = headers.get("authorization", "")
    kind, _space, value = given.partition(" ")
    if kind.upper() != "HMAC":
        raise SignatureFault("not signed")
    _compare(key, base64.b64encode(digest), value.strip().encode())


def check_hubspot(
    secret: str, headers: Mapping[str, str], request: tuple[str, str, bytes], now: float
) -> str:
    """HubSpot's v3: HMAC-SHA256 over method, address, body and time.

    https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation

    :param request: method, address as HubSpot knows it, and body
    :return: the signature, which no other message has
    :raises SignatureFault: it is not HubSpot's
    :raises TimeFault: it is not of now
    """
    moment = headers.get("x-hubspot-request-timestamp", "")
    if not re.fullmatch(r"\d{1,15}", moment, re.ASCII):
        raise SignatureFault("no time")
    if abs(now - int(moment) / 1000) > WINDOW:
        raise TimeFault("not of now")
    method, address, body = request
    content = method.encode() + address.encode() + body + moment.encode()
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    given = headers.get("x-hubspot-signature-v3", "")
    _compare(secret, base64.b64encode(digest), given.encode())
    return given


def _compare(secret: str | bytes, expected: bytes, given: bytes) -> None:
    # what is signed with nothing anybody can sign
    if not secret or not hmac.compare_digest(expected, given):
        raise SignatureFault("not signed with our secret")
