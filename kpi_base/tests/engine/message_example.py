"""A message with all that one can have, and a text that means harm."""

from ...engine.message import Action, Line, Message

URL = "https://kpi.example.com/odoo/kpi/7?a=1&b=2"
NASTY = '<script>alert("x")</script>\r\nBcc: all@example.com\x00\u202egnirts'
MESSAGE = Message(
    title="2 KPIs off track",
    text="Since Monday.",
    lines=(
        Line(
            "Won Revenue",
            "18% below target",
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
