"""Adaptive Cards for a Workflows address of Microsoft Teams.

The schema of the card is https://adaptivecards.io/explorer/, its envelope and limit
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/.
"""

import json

from odoo.addons.kpi_base.engine.message import SIGNS, Action, Line, Message

from .words import Words, shorten

VERSION = "1.4"
LARGEST = 28 * 1024  # bytes
MOST_ACTIONS = 6
LONGEST_PART = 1000  # characters, where not even the first lines fit
COLOURS = {
    "info": "Accent",
    "warning": "Warning",
    "critical": "Attention",
    "urgent": "Attention",
    "good": "Good",
}
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>#~|"})


def teams_payload(message: Message, words: Words) -> dict:
    """The card with as many lines as have room; a link leads to the others."""
    lines = [_line(line) for line in message.lines]
    for count in _counts(len(lines)):
        payload = _payload(message, words, lines[:count])
        if size_of(payload) <= LARGEST:
            return payload
    short = Message(
        message.title,
        shorten(message.text, LONGEST_PART),
        picture_text=shorten(message.picture_text, LONGEST_PART),
        lines=message.lines,
        url=message.url,
    )
    return _payload(short, words, [])


def size_of(payload: dict) -> int:
    """Bytes of the payload as it is sent."""
    return len(json.dumps(payload).encode())


def _counts(total: int) -> list[int]:
    """Numbers of lines to try: all, then fewer and fewer."""
    counts = [total]
    while counts[-1]:
        counts.append(counts[-1] * 3 // 4)
    return counts


def _payload(message: Message, words: Words, lines: list[dict]) -> dict:
    body = [_text(message.title, size="Large", weight="Bolder")]
    body += [_text(text) for text in (message.text, message.picture_text) if text]
    body += lines
    hidden = len(message.lines) - len(lines)
    if hidden:
        body.append(_text(words.more % hidden, isSubtle=True))
    actions = list(message.actions)
    if message.url:
        actions.insert(0, Action(words.open, message.url))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": VERSION,
        "msteams": {"width": "Full"},
        "body": body,
        "actions": [
            {"type": "Action.OpenUrl", "title": action.label, "url": action.url}
            for action in actions[:MOST_ACTIONS]
        ],
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _line(line: Line) -> dict:
    title = _escape(line.title)
    if line.url:
        address = line.url.replace("(", "%28").replace(")", "%29")
        title = f"[{title}]({address})"
    head = f"{SIGNS.get(line.tone, '')} {title}".strip()
    items = [_formatted(head, weight="Bolder", color=COLOURS.get(line.tone, "Default"))]
    items += [_text(text) for text in (line.text, line.picture_text) if text]
    if line.facts:
        facts = [
            {"title": _escape(label), "value": _escape(value)}
            for label, value in line.facts
        ]
        items.append({"type": "FactSet", "facts": facts})
    return {"type": "Container", "separator": True, "items": items}


def _text(text: str, **looks: object) -> dict:
    return _formatted(_escape(text), **looks)


def _formatted(text: str, **looks: object) -> dict:
    return {"type": "TextBlock", "text": text, "wrap": True, **looks}


def _escape(text: str) -> str:
    """Text in which nothing is a link or otherwise formatted."""
    return text.translate(_MARKDOWN)
