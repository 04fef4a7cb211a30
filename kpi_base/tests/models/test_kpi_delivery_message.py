import re
from html.parser import HTMLParser

from odoo.tests import TransactionCase

from ...engine import palette
from ...engine.message import SIGNS, Action, Line, Message, pictures_of, to_text
from ..engine.message_example import MESSAGE, NASTY, URL


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


class TestKpiDeliveryMessage(TransactionCase):
    """Messages as HTML, whatever people called what they are about."""

    def _read(self, message):
        return Reader(self.env["kpi.delivery"]._to_html(message))

    def test_html_says_the_same_words_with_links_and_the_picture(self):
        read = self._read(MESSAGE)
        words = " ".join(" ".join(read.words).split())
        self.assertEqual(
            words,
            "2 KPIs off track Since Monday. ✖ Won Revenue 18% below target"
            " May 82.4 k€ Target 100 k€ Margin Acknowledge",
        )
        links = ["https://kpi.example.com/all", URL, URL]
        self.assertEqual(read.attributes("a", "href"), links)
        self.assertEqual(read.attributes("img", "src"), ["cid:picture.png"])
        self.assertEqual(read.attributes("img", "alt"), ["Falls for 3 months"])

    def test_lines_have_pictures_of_their_own(self):
        lines = (
            Line("Won", picture=b"1", picture_text="Rises"),
            Line("Lost"),
            Line("Margin", picture=b"3", picture_text="Falls"),
            Line("Leads", picture_text="Nobody painted them"),
        )
        message = Message("News", lines=lines)
        read, pictures = self._read(message), pictures_of(message)
        names = [f"cid:{name}" for name, _content in pictures]
        self.assertEqual(read.attributes("img", "src"), names)
        self.assertEqual(read.attributes("img", "alt"), ["Rises", "Falls"])
        self.assertEqual([content for _name, content in pictures], [b"1", b"3"])
        self.assertIn("Nobody painted them", " ".join(read.words))
        self.assertIn("Lost\n\nMargin\nFalls\n", to_text(message))

    def test_what_can_be_done_about_one_thing_stands_beside_it(self):
        actions = (Action("Acknowledge", URL), Action("x", ""), Action("Open", URL))
        line = Line("Margin", "Low", actions=actions)
        read = self._read(Message("News", lines=(line, Line("Leads"))))
        self.assertEqual(read.attributes("a", "href"), [URL, URL])
        self.assertIn("Acknowledge · Open", " ".join(read.words).replace("  ", " "))

    def test_a_picture_that_nobody_painted_is_told_in_words(self):
        read = self._read(Message("News", picture_text="Falls for 3 months"))
        self.assertFalse(read.attributes("img", "src"))
        self.assertIn("Falls for 3 months", read.words)

    def test_html_is_written_in_the_direction_of_its_language(self):
        for is_rtl, direction in ((False, "ltr"), (True, "rtl")):
            html = self.env["kpi.delivery"]._to_html(MESSAGE, is_rtl)
            self.assertTrue(html.startswith(f'<div dir="{direction}"'), html)
            # Sides that turn with the direction; nothing wider than a phone.
            fixed = r"\b(left|right)\b|width: \d{4}|<t[dr][^>]* width"
            self.assertFalse(re.search(fixed, html))

    def test_a_tone_has_a_sign_and_a_colour_that_can_be_read(self):
        for tone, sign in SIGNS.items():
            message = Message("News", lines=(Line("Margin", tone=tone),))
            self.assertTrue(to_text(message).endswith(f"{sign} Margin"))
            (style,) = self._read(message).attributes("span", "style")
            colour = re.search(r"color: (#\w{6});", style)[1]
            # WCAG 2.1, 1.4.3
            self.assertGreaterEqual(_contrast(colour, palette.PAPER), 4.5, tone)

    def test_names_make_no_tags(self):
        line = Line(NASTY, NASTY, "warning", ((NASTY, NASTY),))
        read = self._read(Message(NASTY, NASTY, (line,), (Action(NASTY, URL),), URL))
        self.assertLessEqual(
            {tag for tag, _attrs in read.tags},
            {*("bdi", "div", "h1", "h2", "p", "a", "span", "table", "tr", "td")},
        )
        found = "".join(read.words).count('<script>alert("x")</script>')
        self.assertEqual(found, 7)

    def test_other_addresses_make_no_links(self):
        url = "javascript:alert(1)"
        lines, actions = (Line("a", url=url),), (Action("Open", url),)
        read = self._read(Message("News", "", lines, actions, url))
        self.assertFalse(read.attributes("a", "href"))

    def test_a_body_that_somebody_wrote_is_taken_as_it_is(self):
        message = Message("News", "Good", html="<p>Good</p><p>Better</p>")
        html = self.env["kpi.delivery"]._to_html(message)
        self.assertEqual(html, "<p>Good</p><p>Better</p>")


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
