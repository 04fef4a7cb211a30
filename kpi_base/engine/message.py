"""Content of a message, which every channel turns into its own form.

What people named is cleaned where it comes in: whatever a KPI is called, it makes no
new line, no header and no page of its own::

    down = Line("Won revenue", "18% below target", "critical", (("May", "82.4 k€"),))
    message = Message("1 KPI off track", lines=(down,), actions=(Action("Open", url),))
    to_text(message)
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

Tone = Literal["", "info", "warning", "critical", "urgent", "good"]
LONGEST_TITLE = 200  # characters
LONGEST_TEXT = 2000
LONGEST_LABEL = 100
LONGEST_BODY = 20_000
LONGEST_URL = 2000
PICTURE_NAME = "picture.png"
LINE_PICTURE_NAME = "picture-%s.png"
# Read without colours too.
SIGNS = {"info": "●", "warning": "▲", "critical": "✖", "urgent": "‼", "good": "✔"}
# Overrides of the direction of writing (Unicode 15.0, 23.2) show a text as another.
_OVERRIDES = re.compile("[\u202a-\u202e]")
_BREAKS = re.compile("[\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_WEB = re.compile(r"https?://[^\s\x00-\x20\"<>\x7f]+", re.IGNORECASE)


@dataclass(frozen=True)
class Action:
    """Something that the reader can do, on the page that opens."""

    label: str
    url: str

    def __post_init__(self) -> None:
        label = one_line(self.label, LONGEST_LABEL)
        _replace(self, label=label, url=_web_address(self.url))


@dataclass(frozen=True)
class Line:
    """What the message says of one thing, such as a KPI.

    :param tone: how bad it is; a sign and a colour stand for it, never its only word
    :param facts: pairs (label, value)
    :param url: where it is shown
    :param actions: what the reader can do about it alone
    :param picture, picture_text: as those of a message
    """

    title: str
    text: str = ""
    tone: Tone = ""
    facts: tuple[tuple[str, str], ...] = ()
    url: str = ""
    actions: tuple[Action, ...] = ()
    picture: bytes | None = None
    picture_text: str = ""

    def __post_init__(self) -> None:
        facts = tuple(
            (one_line(label, LONGEST_LABEL), one_line(value, LONGEST_TITLE))
            for label, value in self.facts
        )
        _replace(
            self,
            title=one_line(self.title, LONGEST_TITLE),
            text=one_line(self.text),
            facts=facts,
            url=_web_address(self.url),
            actions=tuple(each for each in self.actions if each.url),
            picture_text=one_line(self.picture_text),
        )


@dataclass(frozen=True)
class Message:
    """Content of a message in its reader's words, whatever channel it goes by.

    :param title: the subject of an email
    :param text: one line; of a ready-made body its plain text, which keeps its lines
    :param url: where all of it is shown
    :param picture: a PNG, such as a chart
    :param picture_text: what the picture shows, for who does not see it
    :param html: a ready-made body, where somebody wrote one; its author has made it
        safe. It shows the picture as ``<img src="cid:picture.png">``.
    """

    title: str
    text: str = ""
    lines: tuple[Line, ...] = ()
    actions: tuple[Action, ...] = ()
    url: str = ""
    picture: bytes | None = None
    picture_text: str = ""
    html: str | None = None

    def __post_init__(self) -> None:
        is_ready = self.html is not None
        text = _lines(self.text, LONGEST_BODY) if is_ready else one_line(self.text)
        _replace(
            self,
            title=one_line(self.title, LONGEST_TITLE),
            text=text,
            lines=tuple(self.lines),
            actions=tuple(each for each in self.actions if each.url),
            url=_web_address(self.url),
            picture_text=one_line(self.picture_text),
        )


def one_line(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text as a single line without control characters, cut where too long."""
    return shorten(" ".join(_clean(text).split()), longest)


def _lines(text: str, longest: int) -> str:
    """Return a text that keeps its lines, otherwise as :func:`one_line`."""
    return shorten("\n".join(map(str.rstrip, _clean(text).split("\n"))), longest)


def _clean(text: str) -> str:
    text = _OVERRIDES.sub("", str(text or "")).replace("\r\n", "\n")
    return _CONTROLS.sub(" ", _BREAKS.sub("\n", text))


def shorten(text: str, longest: int) -> str:
    """Return a text of at most ``longest`` characters; what is cut ends with “…”."""
    text = text.strip()
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _web_address(url: str) -> str:
    """Return an address of the web; empty for all others, scripts among them."""
    url = str(url or "").strip()
    return url if len(url) <= LONGEST_URL and _WEB.fullmatch(url) else ""


def _replace(frozen: Line | Action | Message, **values: object) -> None:
    for name, value in values.items():
        object.__setattr__(frozen, name, value)


def pictures_of(message: Message) -> list[tuple[str, bytes]]:
    """Return name and PNG of each picture that the HTML shows."""
    pictures = [(PICTURE_NAME, message.picture)]
    for place, line in enumerate(message.lines):
        pictures.append((LINE_PICTURE_NAME % place, line.picture))
    return [(name, picture) for name, picture in pictures if picture]


def to_text(message: Message) -> str:
    """Return the message as plain text; of a ready-made body the text alone.

    An address is said once, with what it is for.
    """
    if message.html is not None:
        return message.text
    said = {action.url for action in message.actions}
    paragraphs = [message.title, message.text, message.picture_text]
    for line in message.lines:
        head = f"{SIGNS.get(line.tone, '')} {line.title}".strip()
        facts = [f"{label}: {value}" for label, value in line.facts]
        url = "" if line.url in said else line.url
        actions = map(_action_text, line.actions)
        parts = [head, line.text, *facts, line.picture_text, url, *actions]
        paragraphs.append("\n".join(filter(None, parts)))
        said.add(line.url)
    paragraphs += [
        "\n".join(map(_action_text, message.actions)),
        "" if message.url in said else message.url,
    ]
    return "\n\n".join(filter(None, paragraphs))


def _action_text(action: Action) -> str:
    return f"{action.label}: {action.url}"


def embed_pictures(
    message: EmailMessage, pictures: Iterable[tuple[str, bytes, str]]
) -> None:
    """Put pictures beside the HTML, which shows them as ``<img src="cid:NAME">``.

    :param pictures: name, content and type such as ``image/png``
    """
    html = message.get_body(("html",))
    for name, content, mimetype in pictures:
        main, kind = mimetype.split("/")
        html.add_related(content, main, kind, cid=f"<{name}>", disposition="inline")
