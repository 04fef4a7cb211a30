"""Where the tiles of a page lie: rows of twelve columns, pictures that fit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..drawing.svg import PRINT, Colors, Drawing
from .shown import ShownTile

COLUMNS = 12
GAP = 12.0
PADDING = 10.0
ROW = 100.0  # height of a row of the dashboard
TITLE = 22.0
LINE = 16.0
LEAST_HEIGHT = 70.0
COLUMN = 64.0  # of a table, at least: a number of nine digits
LARGE = 5  # columns: a tile as wide as this has a narrow page for itself
LARGEST = {"gauge": 260.0, "pie": 320.0, "doughnut": 320.0, "funnel": 320.0}


@dataclass(frozen=True)
class Page:
    """A page as wide as so many pixels; a narrow one has two tiles in a row."""

    width: float
    is_narrow: bool = False

    def tile_width(self, span: int) -> float:
        column = (self.width - (COLUMNS - 1) * GAP) / COLUMNS
        return span * column + (span - 1) * GAP

    def inner_width(self, span: int) -> float:
        return self.tile_width(span) - 2 * PADDING

    def widen(self, tile: ShownTile) -> ShownTile:
        """As wide as this page shows it: a table whose columns have no room in its tile
        has a row for itself.
        """
        if self.is_narrow:
            half = COLUMNS // 2 if tile.span < LARGE else COLUMNS
            tile = replace(tile, span=half)
        if not tile.shows_table or self._has_room(tile, tile.span):
            return tile
        return replace(tile, span=COLUMNS)

    def holds(self, tile: ShownTile) -> bool:
        """Whether its table has room, in a row for itself."""
        return not tile.shows_table or self._has_room(tile, COLUMNS)

    def _has_room(self, tile: ShownTile, span: int) -> bool:
        return len(tile.table.heads) <= self.inner_width(span) / COLUMN

    def picture(
        self, tile: ShownTile, colors: Colors = PRINT
    ) -> tuple[Drawing, float] | None:
        """The picture of a tile and how wide it is drawn, so that it fits."""
        if tile.payload is None:
            return None
        width, height = self.inner_width(tile.span), self._room_below(tile)
        if tile.is_sized:
            drawing = tile.drawing((width, height), colors)
            legend = drawing.height - height
            if 0 < legend <= height - LEAST_HEIGHT:
                drawing = tile.drawing((width, height - legend), colors)
            return drawing, width
        drawing = tile.drawing(colors=colors)
        fitting = height * drawing.width / drawing.height
        return drawing, min(width, LARGEST[tile.kind], fitting)

    def _room_below(self, tile: ShownTile) -> float:
        """Height that is left for a picture, below the title and above the lines."""
        lines = len(tile.notes) + bool(tile.footer) + bool(tile.message)
        if tile.is_gauge and tile.headline:
            lines += bool(tile.headline.about)
        others = TITLE + 2 * PADDING + LINE * lines
        return max(tile.rows * ROW - others, LEAST_HEIGHT)


def rows_of(tiles: Iterable[ShownTile]) -> Iterator[list[ShownTile]]:
    """Tiles beside each other, in their order, as many as have room."""
    row: list[ShownTile] = []
    for tile in tiles:
        if sum(each.span for each in row) + tile.span > COLUMNS:
            yield row
            row = []
        row.append(tile)
    if row:
        yield row
