"""Payloads within what the services' documentation allows, written here as data."""

import json
import re

import pytest

from odoo.addons.kpi_base.engine.message import Action, Line, Message

from ...engine.payloads.slack import slack_payload
from ...engine.payloads.teams import LARGEST, size_of, teams_payload
from ...engine.payloads.web_push import (
    LARGEST as LARGEST_PUSH,
)
from ...engine.payloads.web_push import (
    push_headers,
    push_payload,
)
from ...engine.payloads.whatsapp import is_passing, whatsapp_payload
from ...engine.payloads.words import Words

WORDS = Words(more="and %s more", open="Open")
URL = "https://kpi.example.com/odoo/kpi-alerts/7"
USUAL = Message(
    "Won revenue is below target",
    "Below 90% for 3 months",
    lines=(
        Line("Won Revenue", "82.4 k€", "critical", (("Target", "100 k€"),), URL),
        Line("Leads & more", "", "warning"),
    ),
    actions=(Action("Acknowledge", f"{URL}/ack"),),
    url=URL,
    picture_text="Jan 90, Feb 85, Mar 82",
)
EVIL = '<!channel> & <https://evil.example|x> *b* [y](https://evil.example) "\\'


def _long(title="t", text="x", count=500):
    """All that a message can hold, of the signs that take the most room."""
    facts = tuple((f"{sign}" * 100, "&" * 200) for sign in "<>&<>&<>&<>&")
    line = Line(title * 200, text * 2000, "urgent", facts, f"{URL}?{'&a' * 900}")
    actions = tuple(Action("b" * 100, f"{URL}/{number}") for number in range(30))
    return Message(
        title * 200,
        text * 2000,
        lines=(line,) * count,
        actions=actions,
        url=URL,
        picture_text=text * 2000,
    )


MESSAGES = {
    "usual": USUAL,
    "least": Message("Title"),
    "long": _long(),
    "signs": _long("&", "&"),
    "wide": _long("😀", "😀"),
    "one long line": _long(count=1),
    "evil": Message(
        EVIL, EVIL, lines=(Line(EVIL, EVIL, "info", ((EVIL, EVIL),), URL),)
    ),
}
every_message = pytest.mark.parametrize("name", MESSAGES)

# Member → (type, most characters or elements), ! = required.
# https://docs.slack.dev/reference/block-kit, as of November 2025
SLACK_TEXT = {"type!": (str, None), "text!": (str, None)}
SLACK = {
    "header": {"type!": (str, None), "text!": (dict, None)},
    "section": {"type!": (str, None), "text!": (dict, None), "fields": (list, 10)},
    "actions": {"type!": (str, None), "elements!": (list, 25)},
    "button": {
        "type!": (str, None),
        "text!": (dict, None),
        "action_id!": (str, 255),
        "url": (str, 3000),
    },
}
SLACK_LONGEST = {"header": 150, "section": 3000, "button": 75}

# https://adaptivecards.io/schemas/1.4.0/adaptive-card.json
CARD = {
    "AdaptiveCard": {
        "type!": (str, None),
        "version!": (str, None),
        "$schema": (str, None),
        "body": (list, None),
        "actions": (list, 6),  # that Teams shows
        "msteams": (dict, None),
    },
    "TextBlock": {
        "type!": (str, None),
        "text!": (str, None),
        "wrap": (bool, None),
        "size": (str, None),
        "weight": (str, None),
        "color": (str, None),
        "isSubtle": (bool, None),
    },
    "Container": {
        "type!": (str, None),
        "items!": (list, None),
        "separator": (bool, None),
    },
    "FactSet": {"type!": (str, None), "facts!": (list, None)},
    "Action.OpenUrl": {"type!": (str, None), "title": (str, None), "url!": (str, None)},
}
CARD_VALUES = {
    "size": {"Small", "Default", "Medium", "Large", "ExtraLarge"},
    "weight": {"Lighter", "Default", "Bolder"},
    "color": {"Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"},
}


def _check(element, schema):
    """Hold an element against the members that its documentation lists."""
    names = {name.rstrip("!"): limit for name, limit in schema.items()}
    required = {name.rstrip("!") for name in schema if name.endswith("!")}
    assert required <= set(element) <= set(names), element
    for name, value in element.items():
        kind, most = names[name]
        assert isinstance(value, kind)
        assert most is None or len(value) <= most


@every_message
def test_slack_takes_the_blocks(name):
    payload = slack_payload(MESSAGES[name], WORDS)
    assert set(payload) == {"text", "blocks"}
    assert 0 < len(payload["text"]) <= 40_000
    assert 0 < len(payload["blocks"]) <= 50
    for block in payload["blocks"]:
        _check(block, SLACK[block["type"]])
        texts = [block["text"]] if "text" in block else []
        for element in block.get("elements", ()):
            _check(element, SLACK["button"])
            _check(element["text"], SLACK_TEXT)
            assert 0 < len(element["text"]["text"]) <= SLACK_LONGEST["button"]
        for field in block.get("fields", ()):
            _check(field, SLACK_TEXT)
            assert len(field["text"]) <= 2000
        for text in texts:
            _check(text, SLACK_TEXT)
            assert 0 < len(text["text"]) <= SLACK_LONGEST[block["type"]]
            is_plain = block["type"] == "header"
            assert text["type"] == ("plain_text" if is_plain else "mrkdwn")
    buttons = [each for each in payload["blocks"] if each["type"] == "actions"]
    ids = [element["action_id"] for each in buttons for element in each["elements"]]
    assert len(set(ids)) == len(ids)


def test_slack_says_all_of_it():
    blocks = slack_payload(USUAL, WORDS)["blocks"]
    assert [block["type"] for block in blocks] == [
        "header",
        "section",
        "section",
        "section",
        "section",
        "actions",
    ]
    assert blocks[3]["text"]["text"] == f"✖ *<{URL}|Won Revenue>*\n82.4 k€"
    assert blocks[3]["fields"] == [{"type": "mrkdwn", "text": "*Target*\n100 k€"}]
    assert blocks[4]["text"]["text"] == "▲ *Leads &amp; more*"
    urls = [element["url"] for element in blocks[5]["elements"]]
    assert urls == [f"{URL}/ack", URL]


def test_slack_counts_what_has_no_room():
    blocks = slack_payload(_long(), WORDS)["blocks"]
    shown = sum("fields" in block for block in blocks)
    assert len(blocks) == 50
    assert blocks[-2]["text"]["text"] == f"and {500 - shown} more"


def test_names_are_no_markup_in_slack():
    payload = slack_payload(MESSAGES["evil"], WORDS)
    header, *others = payload["blocks"]
    assert header["text"]["type"] == "plain_text"  # nothing is markup in there
    text = json.dumps([payload["text"], others])
    assert "<!channel>" not in text
    assert "<https://evil" not in text
    assert f"<{URL}|&lt;!channel&gt;" in text


@every_message
def test_teams_takes_the_card(name):
    payload = teams_payload(MESSAGES[name], WORDS)
    assert size_of(payload) <= LARGEST
    assert payload["type"] == "message"
    (attachment,) = payload["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert card["version"] in ("1.4", "1.5")
    todo = [card]
    while todo:
        element = todo.pop()
        _check(element, CARD[element["type"]])
        for member, values in CARD_VALUES.items():
            assert element.get(member, "Default") in values
        for fact in element.get("facts", ()):
            assert set(fact) == {"title", "value"}
        for member in ("body", "items", "actions"):
            todo += element.get(member, ())


def test_teams_counts_what_has_no_room():
    message = _long()
    message = Message(message.title, "short", lines=message.lines, url=URL)
    card = teams_payload(message, WORDS)["attachments"][0]["content"]
    shown = sum(each["type"] == "Container" for each in card["body"])
    assert 0 < shown < 500
    assert card["body"][-1]["text"] == f"and {500 - shown} more"
    assert card["actions"][0] == {"type": "Action.OpenUrl", "title": "Open", "url": URL}


def test_names_are_no_markup_in_teams():
    text = json.dumps(teams_payload(MESSAGES["evil"], WORDS))
    assert "[y](" not in text
    assert "<!channel>" not in text


@every_message
def test_whatsapp_takes_the_template(name):
    payload = whatsapp_payload(
        MESSAGES[name],
        WORDS,
        phone="+49 (30) 1234-567",
        template="kpi_alert",
        language="en_US",
    )
    template = payload.pop("template")
    assert payload == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "49301234567",
        "type": "template",
    }
    assert (template["name"], template["language"]) == ("kpi_alert", {"code": "en_US"})
    (component,) = template["components"]
    assert component["type"] == "body"
    texts = [parameter["text"] for parameter in component["parameters"]]
    assert {parameter["type"] for parameter in component["parameters"]} == {"text"}
    assert len(texts) == 3
    # 1,024 characters together with the template's own words
    assert sum(map(len, texts)) <= 900
    for text in texts:
        assert text
        assert not re.search(r"[\n\t]| {4}", text)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"error": {"code": 130429}}, True),  # too many
        ({"error": {"code": 131047}}, False),  # more than 24 hours ago
        ({"error": {"code": 190}}, False),  # the token is no longer valid
        ({"error": "x"}, False),
        ([], False),
        (None, False),
    ],
)
def test_some_errors_of_whatsapp_pass(answer, expected):
    assert is_passing(answer) is expected


@every_message
def test_push_services_take_the_notification(name):
    payload = push_payload(
        MESSAGES[name], WORDS, key="k", model="kpi.alert.event", res_id=7
    )
    assert len(payload) <= LARGEST_PUSH
    content = json.loads(payload)
    assert content["title"]
    assert content["options"]["data"] == {"model": "kpi.alert.event", "res_id": 7}


def test_a_message_replaces_itself_on_a_device():
    headers = push_headers("alert:7:fired:3", is_urgent=True)
    # RFC 8030, 5.4: at most 32 characters of base64url
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,32}", headers["Topic"])
    assert headers["Urgency"] == "high"
    assert int(headers["TTL"]) > 0
    assert push_headers("other", is_urgent=False)["Topic"] != headers["Topic"]
    content = json.loads(push_payload(USUAL, WORDS, key="k", model="", res_id=0))
    assert "data" not in content["options"]
    assert "✖ Won Revenue: 82.4 k€" in content["options"]["body"]
