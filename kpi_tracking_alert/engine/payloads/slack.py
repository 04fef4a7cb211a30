"""Slack's Block Kit (https://docs.slack.dev/reference/block-kit/blocks)."""

import re

from odoo.addons.kpi_base.engine.message import SIGNS, Action, Line, Message, to_text

from .words import Words, shorten

MOST_BLOCKS = 50
LONGEST_HEADER = 150
LONGEST_SECTION = 3000
LONGEST_ADDRESS = 1500  # in a section, where a title and a text have room beside it
LONGEST_TEXT = 3000  # of the text that notifications show
LONGEST_BUTTON = 75
MOST_BUTTONS = 5
MOST_FACTS = 10
LONGEST_FACT_PART = 900  # label or value, so that escaped both have room

_HALF_SIGN = re.compile(r"&[a-z]{0,3}…$")


def slack_payload(message: Message, words: Words) -> dict:
    """Blocks, and the text for where no blocks are shown."""
    head = [_header(message.title)]
    for text in (message.text, message.picture_text):
        if text:
            head.append(_section(_escape(text)))
    actions = list(message.actions)
    if message.url:
        actions.append(Action(words.open, message.url))
    tail = [_buttons(actions)] if actions else []
    room = MOST_BLOCKS - len(head) - len(tail)
    lines = list(message.lines)
    if len(lines) > room:
        hidden = len(lines) - room + 1
        lines = lines[: room - 1]
        tail.insert(0, _section(_escape(words.more % hidden)))
    return {
        "text": _escape(shorten(to_text(message), LONGEST_TEXT)),
        "blocks": [*head, *map(_line, lines), *tail],
    }


def _header(title: str) -> dict:
    text = shorten(title, LONGEST_HEADER)
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _line(line: Line) -> dict:
    title = f"*{_escape(line.title)}*"
    address = _escape(line.url.replace("|", "%7C"))
    if 0 < len(address) <= LONGEST_ADDRESS:
        title = f"*<{address}|{_escape(line.title)}>*"
    head = f"{SIGNS.get(line.tone, '')} {title}".strip()
    texts = map(_escape, (line.text, line.picture_text))
    block = _section("\n".join(filter(None, [head, *texts])))
    if line.facts:
        block["fields"] = [_fact(*fact) for fact in line.facts[:MOST_FACTS]]
    return block


def _section(text: str) -> dict:
    # What the end cut of a sign such as &amp; goes with it.
    text = _HALF_SIGN.sub("…", shorten(text, LONGEST_SECTION))
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _fact(label: str, value: str) -> dict:
    label, value = (
        shorten(_escape(part), LONGEST_FACT_PART) for part in (label, value)
    )
    return {"type": "mrkdwn", "text": f"*{label}*\n{value}"}


def _buttons(actions: list[Action]) -> dict:
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {
                    "type": "plain_text",
                    "text": shorten(action.label, LONGEST_BUTTON),
                },
                "url": action.url,
                "action_id": f"open_{number}",
            }
            for number, action in enumerate(actions[:MOST_BUTTONS])
        ],
    }


def _escape(text: str) -> str:
    """Text in which nothing is a link or calls everybody (<!channel>)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
