import re

import pytest

from ...engine.message import (
    Action,
    Line,
    Message,
    one_line,
    to_text,
)
from .message_example import MESSAGE, NASTY, URL


def test_plain_text_says_all_in_the_order_of_reading():
    assert to_text(MESSAGE) == "\n".join(
        [
            "2 KPIs off track",
            "",
            "Since Monday.",
            "",
            "Falls for 3 months",
            "",
            "✖ Won Revenue",
            "18% below target",
            "May: 82.4 k€",
            "Target: 100 k€",
            "",
            "Margin",
            "",
            f"Acknowledge: {URL}",
            "",
            "https://kpi.example.com/all",
        ]
    )


def test_plain_text_says_an_address_once():
    lines = (Line("Won", url=URL), Line("Lost", url=f"{URL}2"), Line("Won", url=URL))
    action = Action("Open", URL)
    assert to_text(Message("News", lines=lines, actions=(action,), url=URL)) == (
        f"News\n\nWon\n\nLost\n{URL}2\n\nWon\n\nOpen: {URL}"
    )


def test_what_can_be_done_about_one_thing_stands_beside_it():
    line = Line("Margin", "Low", actions=(Action("Acknowledge", URL), Action("x", "")))
    message = Message("News", lines=(line, Line("Leads")))
    assert to_text(message) == f"News\n\nMargin\nLow\nAcknowledge: {URL}\n\nLeads"


def test_names_make_no_lines_headers_or_tags():
    line = Line(NASTY, NASTY, "warning", ((NASTY, NASTY),))
    message = Message(NASTY, NASTY, (line,), (Action(NASTY, URL),), URL)
    text = to_text(message)
    assert len(text.split("\n")) == 9  # as of a message with harmless names
    assert not re.search("[\x00-\x09\x0b-\x1f\u2028\u202e]", text + message.title)
    assert "\n" not in message.title


@pytest.mark.parametrize(
    "break_", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]
)
def test_every_break_is_a_space(break_):
    assert one_line(f"a{break_}b") == "a b"
    assert Message("News", f"a{break_}b").text == "a b"


def test_what_no_encoding_can_write_is_left_out():
    assert to_text(Message("a\ud800b")).encode() == b"a b"


def test_long_names_are_shortened():
    long = "x" * 10_000
    line = Line(long, long, facts=((long, long),))
    message = Message(long, long, (line,), (Action(long, URL),))
    assert len(message.title) == 200
    assert message.title.endswith("x…")
    assert len(to_text(message)) < 6000
    assert Line("x" * 200).title == "x" * 200


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        'https://x.example/"onclick="x',
        "https://x.example/\r\nBcc: y",
        "https://x.example/a b",
        "https://" + "x" * 10_000,
        "",
        None,
    ],
)
def test_only_addresses_of_the_web_become_links(url):
    message = Message("News", "", (Line("a", url=url),), (Action("Open", url),), url)
    assert (message.actions, message.url, message.lines[0].url) == ((), "", "")


def test_a_body_that_somebody_wrote_is_taken_as_it_is():
    message = Message("News", "Good\r\nBetter ", html="<p>Good</p><p>Better</p>")
    assert to_text(message) == "Good\nBetter"
