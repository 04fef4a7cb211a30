"""Words that a payload needs beside those of its message, in the reader's language."""

from dataclasses import dataclass


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
