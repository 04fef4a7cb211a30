"""What people ask in a chat, as the chat hands it over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from odoo.addons.kpi_base.engine.nesting import parse
from odoo.addons.kpi_tracking_alert.engine.webhook_signature import WINDOW

HELP = ("?", "help")  # the first one is also a question without words
ASK = "ask"  # how the buttons begin that ask something
LONGEST = 500  # characters of a question
MOST_LINKS = 5
_TAG = re.compile(r"<at[^>]*>.*?</at>|<[^>]{0,200}>", re.DOTALL)
_KPI = re.compile(r"/(?:kpis|kpi\.report)/([1-9]\d{0,8})$", re.ASCII)


@dataclass(frozen=True)
class Asked:
    """A question, or what else a chat tells.

    :ivar person: whom the chat calls so, its workspace before the person
    :ivar name: as people there call them
    :ivar answer_to: where the answer is posted; empty = it is the answer to the request
    :ivar links: addresses in a message of theirs, which stands in ``channel``
    :ivar challenge: to be repeated
    """

    person: str = ""
    name: str = ""
    text: str = ""
    answer_to: str = ""
    links: tuple[str, ...] = ()
    channel: str = ""
    challenge: str = ""


def read_slack(content_type: str, body: bytes) -> Asked:
    """A slash command, a click on a button, or an event.

    :raises ValueError: none of them
    """
    try:
        if content_type.startswith("application/json"):
            return _read_event(parse(body))
        form = dict(parse_qsl(body.decode(), max_num_fields=100))
        if "payload" in form:
            return _read_click(parse(form["payload"].encode()))
        person = f"{form['team_id']}/{form['user_id']}"
        text = unescape(form.get("text", ""))[:LONGEST].strip()
        return Asked(person, form.get("user_name", ""), text or HELP[0])
    except (AttributeError, LookupError, TypeError) as error:
        raise ValueError("nothing that Slack sends") from error


def _read_click(payload: Any) -> Asked:
    user, clicked = payload["user"], payload["actions"][0]
    person = f"{payload['team']['id']}/{user['id']}"
    if not clicked["action_id"].startswith(ASK):  # it opens a page, and asks nothing
        return Asked(person)
    text = clicked["value"][:LONGEST]
    return Asked(person, user.get("username", ""), text, payload["response_url"])


def _read_event(payload: Any) -> Asked:
    if payload["type"] == "url_verification":
        return Asked(challenge=payload["challenge"])
    event = payload["event"]
    if event["type"] != "link_shared":
        return Asked()
    person = f"{payload['team_id']}/{event['user']}"
    links = tuple(link["url"] for link in event["links"][:MOST_LINKS])
    return Asked(person, links=links, channel=event["channel"])


def read_teams(body: bytes, now: datetime) -> Asked:
    """A question to an outgoing webhook; when it was asked is a part of what is signed.

    :raises ValueError: something else, or not of now
    """
    try:
        message = parse(body)
        moment = datetime.fromisoformat(message["timestamp"])
        is_now = abs(now - moment) <= timedelta(seconds=WINDOW)
        text = unescape(_TAG.sub(" ", message["text"]))
    except (LookupError, TypeError) as error:
        raise ValueError("nothing that Teams sends") from error
    if not is_now:
        raise ValueError("not of now")
    return Asked(text=" ".join(text.split())[:LONGEST] or HELP[0])


def find_kpis(links: tuple[str, ...], base: str) -> list[int]:
    """Ids of KPIs whose forms on our own server have these addresses."""
    own = urlsplit(base).netloc.lower()
    parts = [urlsplit(link) for link in links]
    found = [_KPI.search(one.path) for one in parts if one.netloc.lower() == own]
    return list(dict.fromkeys(int(one[1]) for one in found if one))


def list_buttons(questions: Mapping[str, str]) -> list[dict]:
    """Block of buttons of Slack: label → what a click asks; five at most."""
    elements = [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": label[:75]},
            "value": question[:LONGEST],
            "action_id": f"{ASK}_{number}",
        }
        for number, (label, question) in enumerate(list(questions.items())[:5])
    ]
    return [{"type": "actions", "elements": elements}] if elements else []
