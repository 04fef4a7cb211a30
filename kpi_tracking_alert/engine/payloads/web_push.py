"""Notifications as Odoo's service worker shows them (Web Push, RFC 8030 and 8291)."""

import base64
import hashlib
import json

from odoo.addons.kpi_base.engine.message import Message

from .words import Words, list_lines, shorten

LARGEST = 4096 - 86 - 17  # bytes; encryption needs the rest (RFC 8188, 2.1)
# Both in signs of four bytes, and what is around them, have room.
LONGEST_TITLE = 200
LONGEST_BODY = 600
TTL_SECONDS = 24 * 3600
TOPIC_LENGTH = 32


def push_topic(key: str) -> str:
    """Name by which a push service replaces a message that it still holds."""
    digest = hashlib.sha256(key.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:TOPIC_LENGTH]


def push_headers(key: str, *, is_urgent: bool) -> dict[str, str]:
    """How long to keep it, how soon to wake the device, and what it replaces."""
    return {
        "TTL": str(TTL_SECONDS),
        "Urgency": "high" if is_urgent else "normal",
        "Topic": push_topic(key),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
    }


def push_payload(
    message: Message, words: Words, *, key: str, model: str, res_id: int
) -> bytes:
    """What is encrypted for a device.

    :param model, res_id: the record that a click opens; none without ``res_id``
    """
    body = "\n".join(list_lines(message, words, "\n", LONGEST_BODY))
    options: dict = {
        "body": shorten(body, LONGEST_BODY),
        "tag": push_topic(key),
        "icon": "/kpi_base/static/description/icon.png",
    }
    if res_id:
        options["data"] = {"model": model, "res_id": res_id}
    notification = {"title": shorten(message.title, LONGEST_TITLE), "options": options}
    return json.dumps(notification, ensure_ascii=False).encode()
