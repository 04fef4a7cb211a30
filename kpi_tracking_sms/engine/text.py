"""Text of an SMS: each further 153 characters cost as much as the first ones."""

from odoo.addons.kpi_base.engine.message import Message

LONGEST = 306  # two parts of GSM's own letters


def sms_text(message: Message) -> str:
    """Title, what is said of the first KPIs as far as it has room, and the link."""
    link = message.url if len(message.url) <= LONGEST // 2 else ""
    room = LONGEST - (len(link) + 1 if link else 0)
    parts = [message.title, message.text]
    parts += [
        ": ".join(filter(None, (each.title, each.text))) for each in message.lines
    ]
    text = ""
    for part in filter(None, parts):
        longer = f"{text}\n{part}" if text else part
        if len(longer) > room - 1:
            text = f"{longer[: room - 1].rstrip()}…" if not text else f"{text}…"
            break
        text = longer
    return f"{text}\n{link}" if link else text
