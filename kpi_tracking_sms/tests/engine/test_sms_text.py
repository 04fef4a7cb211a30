import pytest

from odoo.addons.kpi_base.engine.message import Line, Message

from ...engine.text import LONGEST, sms_text

URL = "https://kpi.example.com/odoo/kpi-alerts/7"


def _message(count, letters=20, url=URL):
    lines = tuple(Line("k" * letters, "v" * letters) for _number in range(count))
    return Message("Below target", lines=lines, url=url)


def test_a_short_message_is_whole():
    message = Message("Below target", lines=(Line("Won", "82 k€"),), url=URL)
    assert sms_text(message) == f"Below target\nWon: 82 k€\n{URL}"


@pytest.mark.parametrize(
    "message",
    [
        _message(50),
        _message(1, letters=200),
        Message("t" * 200, "x" * 2000, url=URL),
        _message(50, url=f"{URL}?{'x' * 400}"),
        _message(50, url=""),
    ],
)
def test_a_long_one_is_cut_before_its_link(message):
    text = sms_text(message)
    assert len(text) <= LONGEST
    assert "…" in text
    assert text.endswith(URL) == (message.url == URL)
