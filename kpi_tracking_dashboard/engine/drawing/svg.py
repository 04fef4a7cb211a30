"""A drawing: shapes, numbers and words, written as SVG or as HTML around an SVG.

Words stand apart from shapes, because a printer of PDF turns Arabic inside of an SVG
round: in HTML they are laid over the picture, as the reader's language wants it.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape

from odoo.addons.kpi_base.engine import palette
from odoo.addons.kpi_tracking.engine.status_chip import ICON_SIZE, TONE_LOOKS

# What XML 1.0 cannot hold, not even escaped.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Of paper, where an SVG does not take the face of what is around it.
FACE = "font-family:Roboto,'DejaVu Sans',sans-serif"
# Painters of PNG look for no other font by themselves, but for any, bold ones too.
OTHER_SCRIPT = re.compile("[\u0530-\u1cff\u2e80-\ufdff\ufe70-\U0010ffff]")
OTHER_FONT = "DejaVu Sans,Noto Sans Arabic,Noto Sans CJK SC,sans-serif"
LETTER = 0.56  # width of a letter for its height, about
BOLD = 1.08  # bold letters are wider
NARROW, NARROW_LETTER, WIDE_LETTER = "fijlrt .,:'()", 0.3, 1.0
BROAD, BROAD_LETTER = "%M", 0.85
WIDE = re.compile("[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef]")  # as 漢
ELLIPSIS = "…"
LEGEND_COLUMN, LEGEND_ROW = 110.0, 18.0

# The chip of a status: as high as on screens, its letters as large.
CHIP_HEIGHT, CHIP_LETTERS, CHIP_PADDING, CHIP_GAP = 20.0, 12.0, 8.0, 4.0
CHIP_BASELINE = 14.2  # below its top

# The seal of a certified KPI: one shape with its tick cut out, in a box of 14.
SEAL_SIZE = 14.0
SEAL = (
    "M7 0l1.8 1.3 2.2-.1.6 2.1 1.9 1.2-.8 2.1.8 2-1.9 1.3-.6 2.1-2.2-.1L7 14"
    "l-1.8-1.3-2.2.1-.6-2.1L.5 9.4l.8-2-.8-2.1 1.9-1.2L3 1.2l2.2.1z"
    "M3.9 7.3l.9-.9 1.4 1.3 2.8-3 1 .9-3.8 4z"
)


@dataclass(frozen=True)
class Colors:
    """Colours by meaning: of print, where no style sheet reaches."""

    series: tuple[str, ...] = palette.SERIES
    danger: str = palette.FILLS["danger"]
    warning: str = palette.FILLS["warning"]
    success: str = palette.FILLS["success"]
    info: str = palette.FILLS["info"]
    muted: str = palette.FILLS["muted"]
    ink: str = palette.INK
    faint: str = palette.FAINT
    track: str = palette.TRACK
    line: str = palette.LINE
    target: str = palette.AXIS
    paper: str = palette.PAPER
    # tone → colour of words, and of the ground behind them
    texts: Mapping[str, str] = field(default_factory=lambda: palette.TEXTS)
    grounds: Mapping[str, str] = field(default_factory=lambda: palette.GROUNDS)

    def of_series(self, number: int) -> str:
        """Colour of the series at a place, again from the first after the last."""
        return self.series[number % len(self.series)]


PRINT = Colors()


@dataclass(frozen=True)
class Label:
    """A word, or a number, at a place of the drawing.

    :param x, y: where its line of writing begins, has its middle or ends
    :param room: widest it may get; the rest is cut off, 0 = no limit
    :param is_word: whether people wrote it; numbers stay in the SVG
    """

    text: str
    x: float
    y: float
    anchor: str = "middle"
    size: float = 9.0
    room: float = 0.0
    is_word: bool = False
    is_bold: bool = False
    color: str = PRINT.ink

    def as_svg(self) -> str:
        """The words, cut where they would be wider than their room."""
        size = self.size * (BOLD if self.is_bold else 1)
        return element(
            "text",
            text=truncate_text(self.text, self.room, size) if self.room else self.text,
            x=self.x,
            y=self.y,
            font_size=self.size,
            font_weight=500 if self.is_bold else 400,
            text_anchor=self.anchor,
            fill=self.color,
            font_family=OTHER_FONT if OTHER_SCRIPT.search(self.text) else None,
        )


@dataclass(frozen=True)
class Drawing:
    """A picture with its title, which is its name for those who cannot see it.

    :param shapes: SVG elements, made by :func:`element`
    :param summary: what it shows, in words
    """

    title: str
    width: float
    height: float
    shapes: tuple[str, ...]
    labels: tuple[Label, ...] = ()
    summary: str = ""

    def as_svg(self) -> str:
        """One SVG with all words in it: for screens and pictures (PNG)."""
        return self._svg(self.labels)

    def add_margins(self, by: float) -> "Drawing":
        """With so much room at both sides, for numbers that stand out there."""
        inner = self.as_part(by, 0, self.width)
        wider = self.width + 2 * by
        return replace(self, width=wider, shapes=(inner,), labels=())

    def as_html(self, direction: str = "ltr", width: float | None = None) -> str:
        """An SVG with numbers only, and its words laid over it: for print.

        :param direction: in which the reader's language is written, ``ltr`` or ``rtl``
        :param width: in pixels, where it is known; words then grow with the picture
        """
        numbers = [label for label in self.labels if not label.is_word]
        words = [label for label in self.labels if label.is_word]
        scale = width / self.width if width else 1.0
        over = "".join(self._word(label, direction, scale) for label in words)
        box = f"{number(width)}px" if width else "100%"
        # Places are counted from the left, whatever side reading begins on.
        return (
            f'<div dir="ltr" style="position:relative;width:{box};{FACE}">'
            f"{self._svg(numbers, scale if width else None, f'{FACE};')}{over}</div>"
        )

    def as_part(self, left: float, top: float, width: float) -> str:
        """All of it at a place of a larger SVG."""
        shapes = (*self.shapes, *(label.as_svg() for label in self.labels))
        box = {"x": left, "y": top, "width": width, "viewBox": self._box()}
        height = self.height * width / self.width
        return element("svg", *shapes, **box, height=height, overflow="visible")

    def _box(self) -> str:
        return f"0 0 {number(self.width)} {number(self.height)}"

    def _svg(
        self, labels: Iterable[Label], scale: float | None = None, face: str = ""
    ) -> str:
        described = element("desc", text=self.summary) if self.summary else ""
        return element(
            "svg",
            element("title", text=self.title),
            described,
            *self.shapes,
            *(label.as_svg() for label in labels),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=self._box(),
            width=self.width * scale if scale else "100%",
            height=self.height * scale if scale else None,
            role="img",
            style=f"{face}display:block;overflow:visible",
        )

    def _word(self, label: Label, direction: str, scale: float) -> str:
        shift = {"start": 0, "middle": -50, "end": -100}[label.anchor]
        room = 100 * (label.room or self.width) / self.width
        style = (
            f"position:absolute;left:{number(100 * label.x / self.width)}%;"
            f"top:{number(100 * (label.y - label.size) / self.height)}%;"
            f"max-width:{number(room)}%;overflow:hidden;white-space:nowrap;"
            f"text-overflow:ellipsis;transform:translateX({shift}%);"
            f"font-size:{number(label.size * scale)}px;line-height:1.2;"
            f"color:{label.color}{';font-weight:500' if label.is_bold else ''}"
        )
        title = escape_text(label.text)
        return f'<span dir="{direction}" style="{style}" title="{title}">{title}</span>'


def truncate_text(text: str, room: float, size: float) -> str:
    """``text``, cut where it would be wider than ``room``."""
    most = max(int(room / (size * LETTER) + 1e-9), 1)
    return text if len(text) <= most else text[: most - 1].rstrip() + ELLIPSIS


def element(name: str, *inner: str, text: str | None = None, **attributes) -> str:
    """An SVG element; ``None`` leaves an attribute out.

    :param inner: elements, made by this function
    :param text: any text of anybody, which is escaped
    :param attributes: numbers or texts; ``_`` in a name stands for ``-``
    """
    head = name
    for key, value in attributes.items():
        if value is not None:
            said = escape_text(value) if isinstance(value, str) else number(value)
            head += f' {key.replace("_", "-")}="{said}"'
    content = "".join(inner) + ("" if text is None else escape_text(text))
    return f"<{head}>{content}</{name}>" if content else f"<{head}/>"


def escape_text(text: str) -> str:
    """A text as XML and HTML hold it, without what they cannot hold."""
    return escape(UNWRITABLE.sub("", text), quote=True)


def number(value: float) -> str:
    """Two digits after the point, as far as they say something."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def join_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and their texts in one sentence."""
    return ", ".join(f"{name} {text}" for name, text in pairs)


def square(left: float, top: float, color: str) -> str:
    """What tells in a legend whose colour is whose."""
    return element("rect", x=left, y=top, width=8, height=8, fill=color)


def draw_legend(
    names: Sequence[str], width: float, top: float, colors: Colors
) -> tuple[list[str], list[Label], float]:
    """Names in rows, each with its colour; none where there is only one.

    :return: shapes, words and their height
    """
    if len(names) < 2:
        return [], [], 0.0
    columns = min(len(names), max(int(width / LEGEND_COLUMN), 1))
    room = width / columns
    look = {"room": room - 20, "is_word": True, "color": colors.ink}
    shapes, words = [], []
    for place, name in enumerate(names):
        row, column = divmod(place, columns)
        left, middle = column * room, top + (row + 0.5) * LEGEND_ROW
        shapes.append(square(left, middle - 4, colors.of_series(place)))
        words.append(Label(name, left + 12, middle + 4, "start", 12.0, **look))
    return shapes, words, LEGEND_ROW * math.ceil(len(names) / columns)


def text_width(text: str, size: float) -> float:
    """About how wide a line of writing is."""
    widths = (
        NARROW_LETTER
        if letter in NARROW
        else BROAD_LETTER
        if letter in BROAD
        else WIDE_LETTER
        if WIDE.match(letter)
        else LETTER
        for letter in text
    )
    return size * sum(widths)


def status_icon(
    tone: str, left: float, top: float, size: float = ICON_SIZE, colors: Colors = PRINT
) -> str:
    """A tick, a triangle, a cross, or a ring where nothing is rated."""
    look = TONE_LOOKS[tone or "muted"]
    color = colors.texts[look.tone]
    shape = element("path", d=look.path, fill=color, fill_rule="evenodd")
    box = {"x": left, "y": top, "width": size, "height": size}
    return element("svg", shape, **box, viewBox=f"0 0 {ICON_SIZE:g} {ICON_SIZE:g}")


def draw_seal(
    state: str,
    *,
    word: str | None = None,
    colors: Colors = PRINT,
    **place: float | str,
) -> str:
    """The seal next to the name of a KPI.

    :param state: ``certified``, or ``review`` where someone has to look again
    :param word: what it is called for those who cannot see it; None where it is said
    :param place: ``x`` and ``y``, or ``xmlns`` where it is a separate picture
    """
    color = colors.of_series(0) if state == "certified" else colors.faint
    named = element("title", text=word) if word else ""
    return element(
        "svg",
        named,
        element("path", d=SEAL, fill=color, fill_rule="evenodd"),
        width=SEAL_SIZE,
        height=SEAL_SIZE,
        viewBox=f"0 0 {SEAL_SIZE:g} {SEAL_SIZE:g}",
        role="img" if word else None,
        **place,
    )


def chip_width(word: str) -> float:
    """How wide the chip of a status is, where it has room."""
    around = 2 * CHIP_PADDING + ICON_SIZE + CHIP_GAP
    return around + text_width(word, CHIP_LETTERS)


def status_chip(
    word: str,
    tone: str,
    x: float,
    top: float,
    *,
    anchor: str = "start",
    room: float = math.inf,
    is_rtl: bool = False,
    colors: Colors = PRINT,
) -> tuple[list[str], Label]:
    """The chip of a status as shapes, and its word.

    :param x: where it begins, has its middle or ends, as ``anchor`` says
    :param room: widest it may get: a longer one is drawn smaller, nothing is cut
    :param is_rtl: whether its icon is at the right
    """
    beside = ICON_SIZE + CHIP_GAP
    wide = chip_width(word)
    scale = min(1.0, room / wide)
    left = x - {"start": 0, "middle": 0.5, "end": 1}[anchor] * wide * scale
    look = TONE_LOOKS[tone or "muted"]
    box = {"x": left, "y": top, "width": wide * scale, "height": CHIP_HEIGHT * scale}
    ground = colors.grounds[look.tone]
    icon = wide - CHIP_PADDING - ICON_SIZE if is_rtl else CHIP_PADDING
    shapes = [
        element("rect", **box, rx=CHIP_HEIGHT * scale / 2, fill=ground),
        status_icon(
            look.tone,
            left + icon * scale,
            top + (CHIP_HEIGHT - ICON_SIZE) / 2 * scale,
            ICON_SIZE * scale,
            colors,
        ),
    ]
    start = wide - CHIP_PADDING - beside if is_rtl else CHIP_PADDING + beside
    label = Label(
        word,
        left + start * scale,
        top + CHIP_BASELINE * scale,
        "end" if is_rtl else "start",
        size=CHIP_LETTERS * scale,
        is_word=True,
        is_bold=True,
        color=colors.texts[look.tone],
    )
    return shapes, label
