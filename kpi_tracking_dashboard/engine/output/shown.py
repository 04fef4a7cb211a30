"""What people see of a tile where no browser is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html.parser import HTMLParser

from odoo.addons.kpi_base.engine.formatting import Table as LanguageTable
from odoo.addons.kpi_base.engine.formatting import Unit, compact

from ..drawing import charts, parts
from ..drawing.gauge import draw_gauge
from ..drawing.payload import ChartTile, GaugeTile, PartsTile
from ..drawing.svg import PRINT, Colors, Drawing

HEAT = (0x00, 0x72, 0xB2)  # the first colour of series
HEAT_SHARE = 0.55  # of it in the highest number: letters stay readable
ROOMS = (12, 16, 20, 24, 32, 40, 48, 64, 80)  # widths of tables, in rem
REM, NAME_WIDTH, LETTER_WIDTH, CELL_PADDING = 16, 96, 7, 16  # pixels
SHORT = 12  # letters
Payload = GaugeTile | ChartTile | PartsTile
DRAW: dict[str, Callable[[Payload, Colors], Drawing]] = {
    "gauge": draw_gauge,
    "line": charts.draw_line,
    "bar": charts.draw_bar,
    "area": charts.draw_area,
    "stacked": charts.draw_stacked,
    "radar": parts.draw_radar,
    "waterfall": charts.draw_waterfall,
    "pie": parts.draw_pie,
    "doughnut": parts.draw_doughnut,
    "funnel": parts.draw_funnel,
}


@dataclass(frozen=True)
class Reader:
    """Who the texts are for.

    :param table: of the language, see ``kpi_base.engine.formatting``
    :param words: key → word or pattern, in the reader's language
    :param unit: reads the unit of an answer
    :param day: an ISO day or moment → the reader's day
    """

    table: LanguageTable
    words: Mapping[str, str]
    unit: Callable[[dict], Unit]
    day: Callable[[str], str]

    def short(self, value: float | None, unit: Unit) -> str:
        """A value in three digits with its unit; empty where there is none."""
        return "" if value is None else compact(self.table, value, unit)


@dataclass(frozen=True)
class Cell:
    """A text of a table, and the number that it stands for.

    :param decimals: with which a spreadsheet shows the number, ``before`` and
        ``after`` it what the text has there
    :param status: of the number: ``on_target`` …
    :param is_shaded: the larger the number, the darker, as in a heat map
    """

    text: str
    number: float | None = None
    decimals: int = 0
    status: str = ""
    before: str = ""
    after: str = ""
    is_shaded: bool = False

    @property
    def is_short(self) -> bool:
        """Whether it stays on one line, as a day does."""
        return len(self.text) <= SHORT


@dataclass(frozen=True)
class Table:
    """Names in the first column, as many cells in each row as there are heads.

    :param values: places of the columns that hold numbers
    :param expected: places of those that hold what is expected
    :param coming: rows at the end that are of periods to come
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    values: tuple[int, ...] = ()
    expected: tuple[int, ...] = ()
    coming: int = 0

    @property
    def room(self) -> int:
        """Width that it needs on a screen, one of ``ROOMS``.

        Names wrap, other texts between words; a number or a short text has one line.
        """
        width = NAME_WIDTH
        for at, head in enumerate(self.heads[1:], 1):
            words = head.split()
            for cell in (row[at] for row in self.rows):
                is_whole = at in self.values or cell.is_short
                words += [cell.text] if is_whole else cell.text.split()
            longest = max(map(len, words), default=0)
            width += LETTER_WIDTH * longest + CELL_PADDING
        return next((room for room in ROOMS if width <= room * REM), ROOMS[-1])

    def known_rows(self) -> list[list[Cell]]:
        """The cells of what was, without those of what is expected."""
        places = [at for at in range(len(self.heads)) if at not in self.expected]
        rows = self.rows[: len(self.rows) - self.coming]
        return [[row[at] for at in places] for row in rows]


@dataclass(frozen=True)
class Headline:
    """The number of a tile in large type.

    :param text: with its unit, in three digits
    :param number: ``text`` without its ``unit``, which has smaller letters
    :param status: its word; ``tone``: the name of its colour
    :param lines: what it is compared with; ``distance`` is that of its target
    :param gap: the distance without words: “−10%”
    :param own_period: the period, where the head above all tiles names another one
    """

    text: str
    number: str = ""
    unit: str = ""
    status: str = ""
    tone: str = ""
    period: str = ""
    lines: tuple[str, ...] = ()
    distance: str = ""
    gap: str = ""
    own_period: str = ""

    @property
    def before(self) -> str:
        """What it is compared with in time, else its period."""
        others = (line for line in self.lines if line != self.distance)
        return next(others, self.period)

    @property
    def distance_parts(self) -> tuple[str, str]:
        """The distance and its words apart, for where there may be no room for both."""
        if not self.distance or not self.gap:
            return self.distance, ""
        is_first = self.distance.startswith(self.gap)
        return self.gap, self.distance[len(self.gap) :].strip() if is_first else ""

    @property
    def about(self) -> str:
        """The last line of a card: the value before, and its own period."""
        own = self.own_period if self.own_period != self.before else ""
        return " · ".join(filter(None, (self.before, own)))


@dataclass(frozen=True)
class ShownTile:
    """A tile with texts for its reader; what it does not have is empty.

    :param finding: one sentence on the latest period of the only KPI of a chart
    :param span: columns of twelve
    :param rows: how tall it is, 1 to 4
    :param payload: what :meth:`drawing` draws
    :param trend_chart: a sparkline
    :param table: the numbers of the picture, or what is shown where there is none
    :param facts: what is known of a single KPI: words and numbers, one per row
    :param html: a text that somebody wrote, sanitised before
    :param message: why there is nothing, or less, to see
    :param notes: what people noted about the KPIs
    :param footer: as of when
    :param certification: ``certified`` or ``review``, shown as a seal next to the title
    """

    id: int
    kind: str
    title: str
    state: str = "ok"
    span: int = 4
    rows: int = 2
    payload: Payload | None = None
    headline: Headline | None = None
    trend_chart: ChartTile | None = None
    table: Table | None = None
    facts: Table | None = None
    html: str = ""
    message: str = ""
    notes: tuple[str, ...] = ()
    footer: str = ""
    finding: str = ""
    certification: str = ""
    certification_word: str = ""

    @property
    def heading(self) -> str:
        """Its title with the finding: “Revenue · Oct 2026 met its target”."""
        return " · ".join(filter(None, (self.title, self.finding)))

    @property
    def is_gauge(self) -> bool:
        return isinstance(self.payload, GaugeTile)

    def without_chip(self) -> "ShownTile":
        """A gauge whose status is next to its title; other tiles as they are."""
        if not self.is_gauge:
            return self
        return replace(self, payload=replace(self.payload, status=""))

    @property
    def is_sized(self) -> bool:
        """Whether its picture fills any box; others have their own proportions."""
        return isinstance(self.payload, ChartTile) or self.kind == "waterfall"

    def drawing(
        self, size: tuple[float, float] | None = None, colors: Colors = PRINT
    ) -> Drawing | None:
        """The picture of this tile; None where it has none.

        :param size: of charts; others have their own proportions
        """
        if self.payload is None:
            return None
        sized = self.payload
        if size and not isinstance(sized, GaugeTile):
            sized = replace(sized, size=size)
        return DRAW[self.kind](sized, colors)

    def sparkline(
        self, colors: Colors = PRINT, width: float | None = None
    ) -> Drawing | None:
        return self.trend_chart and charts.draw_sparkline(
            self.trend_chart, colors, width
        )

    def shade(self, cell: Cell) -> str:
        """Ground of a cell of a heat map, as ``#rrggbb``; empty for others.

        The lowest number is white, or zero where none is lower; as on the screen.
        """
        if not self._is_shaded(cell) or not self._heat[1]:
            return ""
        low, span = self._heat
        share = HEAT_SHARE * (cell.number - low) / span
        mixed = (round(255 + share * (tone - 255)) for tone in HEAT)
        return "#{:02x}{:02x}{:02x}".format(*mixed)

    @cached_property
    def _heat(self) -> tuple[float, float]:
        """The lowest number, and how far the highest lies above it."""
        rows = self.table.rows if self.table else ()
        shaded = (cell for row in rows for cell in row if self._is_shaded(cell))
        known = [0.0, *(cell.number for cell in shaded)]
        return min(known), max(known) - min(known)

    def _is_shaded(self, cell: Cell) -> bool:
        is_shaded = cell.is_shaded or self.kind == "heatmap"
        return is_shaded and cell.number is not None

    def as_on_screen(self) -> "ShownTile":
        """A heat map with its periods as columns; other tiles as they are."""
        if self.kind != "heatmap" or not self.table or not self.table.rows:
            return self
        corner, *heads = self.table.heads
        names, *columns = zip(*self.table.rows, strict=True)
        rows = zip(map(Cell, heads), *zip(*columns, strict=True), strict=True)
        shown = (corner, *(name.text for name in names))
        table = Table(shown, tuple(rows), tuple(range(1, len(shown))))
        return replace(self, table=table)

    @property
    def is_heading(self) -> bool:
        """Whether it is no more than the title of what follows."""
        return self.kind == "text" and not self.html

    @property
    def shows_table(self) -> bool:
        """Whether the table is all there is to see."""
        return self.payload is None and self.table is not None

    def visible_content(self) -> list:
        """All that a reader learns of it: equal for tiles that say the same.

        Without forecasts, which move each day, also where nothing happens, and the
        finding, which may include one.
        """
        rows = self.table.known_rows() if self.table else ()
        cells = [[(cell.text, cell.status) for cell in row] for row in rows]
        headline = self.headline
        number = headline and [headline.text, headline.status, *headline.lines]
        texts = [self.title, self.state, self.html, self.message, *self.notes]
        return [texts, number, cells]


def plain_text(html: str) -> str:
    """The words of a text that somebody wrote."""
    texts: list[str] = []
    parser = HTMLParser()
    parser.handle_data = texts.append
    parser.feed(html)
    return " ".join(" ".join(texts).split())
