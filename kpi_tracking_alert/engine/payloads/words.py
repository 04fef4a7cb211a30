"""Words that a payload needs beside those of its message, in the reader's language."""

from dataclasses import dataclass

from odoo.addons.kpi_base.engine.message import SIGNS, Message


@dataclass(frozen=True)
class Words:
    """
    :param more: template for lines that had no room, such as "and %s more"
    :param open: label of the button that leads to all of it
    """

    more: str
    open: str


def shorten(text: str, longest: int) -> str:
    """The text, or its beginning with an ellipsis in ``longest`` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def list_lines(message: Message, words: Words, joint: str, longest: int) -> list[str]:
    """What is said and each line as one text, as many as have room between joints."""
    lines = [message.text] if message.text else []
    for place, line in enumerate(message.lines):
        head = f"{SIGNS.get(line.tone, '')} {line.title}".strip()
        text = f"{head}: {line.text}" if line.text else head
        if lines and len(joint.join([*lines, text])) > longest:
            lines.append(words.more % (len(message.lines) - place))
            break
        lines.append(text)
    return lines
