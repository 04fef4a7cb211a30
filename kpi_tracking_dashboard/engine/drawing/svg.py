"""A drawing: shapes, numbers and words, written as SVG or as HTML around an SVG.

Words stand apart from shapes, because a printer of PDF turns Arabic inside of an SVG
round: in HTML they are laid over the picture, as the reader's language wants it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape

from odoo.addons.kpi_base.engine import palette

# What XML 1.0 cannot hold, not even escaped.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FONT = "font-family:'Open Sans',Inter,'Noto Sans','DejaVu Sans',sans-serif"
# Painters of PNG look for no other font by themselves, but for any, bold ones too.
OTHER_SCRIPT = re.compile("[\u0530-\u1cff\u2e80-\ufdff\ufe70-\U0010ffff]")
OTHER_FONT = "DejaVu Sans,Noto Sans Arabic,Noto Sans CJK SC,sans-serif"
LETTER = 0.56  # width of a letter for its height, about
BOLD = 1.08  # bold letters are wider
ELLIPSIS = "…"
PAGE = f"background:{palette.PAPER}"


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
    faint: str = palette.FILLS["muted"]
    track: str = palette.TRACK
    line: str = palette.LINE
    target: str = palette.AXIS

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
            font_weight="bold" if self.is_bold else "normal",
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
        """One SVG with all words in it: for pictures (PNG)."""
        return self._svg(self.labels)

    def add_margins(self, by: float) -> "Drawing":
        """With so much room at both sides, for numbers that stand out there."""
        shapes = [*self.shapes, *(label.as_svg() for label in self.labels)]
        box = {"x": by, "y": 0, "width": self.width, "height": self.height}
        inner = element("svg", *shapes, **box, overflow="visible")
        wider = self.width + 2 * by
        return replace(self, width=wider, shapes=(inner,), labels=())

    def as_html(self, direction: str = "ltr", width: float | None = None) -> str:
        """An SVG with numbers only, and its words laid over it: for print and mail.

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
            f'<div dir="ltr" style="position:relative;width:{box};{FONT}">'
            f"{self._svg(numbers, scale if width else None)}{over}</div>"
        )

    def as_part(self, left: float, top: float, width: float) -> str:
        """All of it at a place of a larger SVG."""
        scale = width / self.width
        box = {"x": left, "y": top, "width": width, "height": self.height * scale}
        shapes = (*self.shapes, *(label.as_svg() for label in self.labels))
        return element("svg", *shapes, **box, viewBox=self._box(), overflow="visible")

    def _box(self) -> str:
        return f"0 0 {number(self.width)} {number(self.height)}"

    def _svg(self, labels: Iterable[Label], scale: float | None = None) -> str:
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
            style=f"{FONT};display:block;overflow:visible",
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
            f"color:{label.color}"
        )
        title = escape_text(label.text)
        return f'<span dir="{direction}" style="{style}" title="{title}">{title}</span>'


def truncate_text(text: str, room: float, size: float) -> str:
    """``text``, cut where it would be wider than ``room``."""
    most = max(int(room / (size * LETTER)), 1)
    return text if len(text) <= most else text[: most - 1].rstrip() + ELLIPSIS


def element(name: str, *inner: str, text: str | None = None, **attributes) -> str:
    """An SVG element; ``None`` leaves an attribute out.

    :param inner: elements, made by this function
    :param text: any text of anybody, which is escaped
    :param attributes: numbers or texts; ``_`` in a name stands for ``-``
    """
    written_attributes = "".join(
        f' {key.replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    content = "".join(inner) + ("" if text is None else escape_text(text))
    return (
        f"<{name}{written_attributes}>{content}</{name}>"
        if content
        else f"<{name}{written_attributes}/>"
    )


def _value(value: float | str) -> str:
    return escape_text(value) if isinstance(value, str) else number(value)


def escape_text(text: str) -> str:
    """A text as XML and HTML hold it, without what they cannot hold."""
    return escape(UNWRITABLE.sub("", text), quote=True)


def number(value: float) -> str:
    """Two digits after the point, as far as they say something."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
