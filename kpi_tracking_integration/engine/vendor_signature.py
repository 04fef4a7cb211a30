"""Signatures that vendors put on what they send, each in its own way."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from odoo.addons.kpi_tracking_alert.engine.webhook_signature import (
    SignatureError,
    check_time,
)


def check_slack(
    secret: str, headers: Mapping[str, str], body: bytes, now: float
) -> None:
    """Slack's v0: HMAC-SHA256 over version, time and body.

    https://docs.slack.dev/authentication/verifying-requests-from-slack

    :param headers: names in lower case
    :param now: seconds since 1970
    :raises SignatureError: it is not Slack's, or not of now
    """
    moment = headers.get("x-slack-request-timestamp", "")
    check_time(moment, now)
    content = b":".join([b"v0", moment.encode(), body])
    expected = "v0=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    given = headers.get("x-slack-signature", "")
    _compare(secret, expected.encode(), given.encode())


def check_teams(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """An outgoing webhook of Teams: HMAC-SHA256 over the body, without a time.

    https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook

    :param secret: base64, as Teams shows it once
    :raises SignatureError: it is not Teams'
    """
    try:
        key = base64.b64decode(secret, validate=True)
    except ValueError:
        raise SignatureError("no secret") from None
    digest = hmac.new(key, body, hashlib.sha256).digest()
    given = headers.get("authorization", "")
    kind, _space, value = given.partition(" ")
    if kind.upper() != "HMAC":
        raise SignatureError("not signed")
    _compare(key, base64.b64encode(digest), value.strip().encode())


def check_hubspot(
    secret: str, headers: Mapping[str, str], request: tuple[str, str, bytes], now: float
) -> str:
    """HubSpot's v3: HMAC-SHA256 over method, address, body and time.

    https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation

    :param request: method, address as HubSpot knows it, and body
    :return: the signature, which no other message has
    :raises SignatureError: it is not HubSpot's, or not of now
    """
    moment = headers.get("x-hubspot-request-timestamp", "")
    check_time(moment, now, per_second=1000)
    method, address, body = request
    content = method.encode() + address.encode() + body + moment.encode()
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    given = headers.get("x-hubspot-signature-v3", "")
    _compare(secret, base64.b64encode(digest), given.encode())
    return given


def _compare(secret: str | bytes, expected: bytes, given: bytes) -> None:
    # what is signed with nothing anybody can sign
    if not secret or not hmac.compare_digest(expected, given):
        raise SignatureError("not signed with our secret")
