import re
from html.parser import HTMLParser

import pytest

from ...engine import palette
from ...engine.message import (
    SIGNS,
    Action,
    Line,
    Message,
    one_line,
    pictures_of,
    to_html,
    to_text,
)

URL = "https://kpi.example.com/odoo/kpi/7?a=1&b=2"
NASTY = '<script>alert("x")</script>\r\nBcc: all@example.com\x00\u202egnirts'
MESSAGE = Message(
    title="2 KPIs off track",
    text="Since Monday.",
    lines=(
        Line(
            "Won revenue",
            "18 % below target",
            "critical",
            (("May", "82.4 k€"), ("Target", "100 k€")),
            URL,
        ),
        Line("Margin"),
    ),
    actions=(Action("Acknowledge", URL),),
    url="https://kpi.example.com/all",
    picture=b"\x89PNG",
    picture_text="Falls for 3 months",
)


class Reader(HTMLParser):
    """Tags with their attributes, and the words between them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag != "img":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def attributes(self, tag, name):
        return [attrs.get(name) for each, attrs in self.tags if each == tag]


def test_plain_text_says_all_in_the_order_of_reading():
    assert to_text(MESSAGE) == "\n".join(
        [
            "2 KPIs off track",
            "",
            "Since Monday.",
            "",
            "Falls for 3 months",
            "",
            "✖ Won revenue",
            "18 % below target",
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


def test_html_says_the_same_words_with_links_and_the_picture():
    read = Reader(to_html(MESSAGE))
    words = " ".join(" ".join(read.words).split())
    assert words == (
        "2 KPIs off track Since Monday. ✖ Won revenue 18 % below target"
        " May 82.4 k€ Target 100 k€ Margin Acknowledge"
    )
    assert read.attributes("a", "href") == ["https://kpi.example.com/all", URL, URL]
    assert read.attributes("img", "src") == ["cid:picture.png"]
    assert read.attributes("img", "alt") == ["Falls for 3 months"]


def test_plain_text_says_an_address_once():
    lines = (Line("Won", url=URL), Line("Lost", url=f"{URL}2"), Line("Won", url=URL))
    action = Action("Open", URL)
    assert to_text(Message("News", lines=lines, actions=(action,), url=URL)) == (
        f"News\n\nWon\n\nLost\n{URL}2\n\nWon\n\nOpen: {URL}"
    )


def test_lines_have_pictures_of_their_own():
    lines = (
        Line("Won", picture=b"1", picture_text="Rises"),
        Line("Lost"),
        Line("Margin", picture=b"3", picture_text="Falls"),
        Line("Leads", picture_text="Nobody painted them"),
    )
    message = Message("News", lines=lines)
    read = Reader(to_html(message))
    names = [name for name, _content in pictures_of(message)]
    assert read.attributes("img", "src") == [f"cid:{name}" for name in names]
    assert read.attributes("img", "alt") == ["Rises", "Falls"]
    assert [content for _name, content in pictures_of(message)] == [b"1", b"3"]
    assert "Nobody painted them" in " ".join(read.words)
    assert "Lost\n\nMargin\nFalls\n" in to_text(message)


def test_what_can_be_done_about_one_thing_stands_beside_it():
    line = Line("Margin", "Low", actions=(Action("Acknowledge", URL), Action("x", "")))
    message = Message("News", lines=(line, Line("Leads")))
    assert to_text(message) == f"News\n\nMargin\nLow\nAcknowledge: {URL}\n\nLeads"
    assert Reader(to_html(message)).attributes("a", "href") == [URL]


def test_a_picture_that_nobody_painted_is_told_in_words():
    html = to_html(Message("News", picture_text="Falls for 3 months"))
    assert "<img" not in html
    assert "Falls for 3 months" in html


@pytest.mark.parametrize(("is_rtl", "direction"), [(False, "ltr"), (True, "rtl")])
def test_html_is_written_in_the_direction_of_its_language(is_rtl, direction):
    html = to_html(MESSAGE, is_rtl)
    assert html.startswith(f'<div dir="{direction}"')
    # Sides that turn with the direction; nothing wider than a phone.
    assert not re.search(r"\b(left|right)\b|width: \d{4}|<t[dr][^>]* width", html)


@pytest.mark.parametrize("tone", SIGNS)
def test_a_tone_has_a_sign_and_a_colour_that_can_be_read(tone):
    message = Message("News", lines=(Line("Margin", tone=tone),))
    assert to_text(message).endswith(f"{SIGNS[tone]} Margin")
    (colour,) = re.findall(r'<span style="color: (#\w{6});">', to_html(message))
    assert _contrast(colour, palette.PAPER) >= 4.5  # WCAG 2.1, 1.4.3


def _contrast(one, other):
    lights = sorted(map(_luminance, (one, other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour):
    """Relative luminance (WCAG 2.1)."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        s / 12.92 if s <= 0.03928 else ((s + 0.055) / 1.055) ** 2.4 for s in shares
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_names_make_no_lines_headers_or_tags():
    line = Line(NASTY, NASTY, "warning", ((NASTY, NASTY),))
    message = Message(NASTY, NASTY, (line,), (Action(NASTY, URL),), URL)
    text = to_text(message)
    assert len(text.split("\n")) == 9  # as of a message with harmless names
    assert not re.search("[\x00-\x09\x0b-\x1f\u2028\u202e]", text + message.title)
    assert "\n" not in message.title
    read = Reader(to_html(message))
    assert {tag for tag, _attrs in read.tags} <= {
        *("bdi", "div", "h1", "h2", "p", "a", "span", "table", "tr", "td")
    }
    assert "".join(read.words).count('<script>alert("x")</script>') == 7


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
    assert len(to_html(message)) < 10_000
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
    assert "href" not in to_html(message)


def test_a_body_that_somebody_wrote_is_taken_as_it_is():
    message = Message("News", "Good\r\nBetter ", html="<p>Good</p><p>Better</p>")
    assert to_html(message) == "<p>Good</p><p>Better</p>"
    assert to_text(message) == "Good\nBetter"
