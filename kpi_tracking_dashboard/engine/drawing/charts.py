"""Charts with a scale: line, bar, area, stacked bars, waterfall, and the sparkline."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from odoo.addons.kpi_tracking.engine.gauge.geometry import choose_scale

from .payload import ChartTile, PartsTile
from .svg import PRINT, Colors, Drawing, Label, draw_legend, element, join_pairs, number

LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 10.0, 24.0
LEGEND = 18.0
BAR_SHARE = 0.7  # of the room of a category
LABEL_ROOM = 46.0  # least room of a category's name
DASHES = "4 3"
EXPECTED_DASHES = "2 3"
BAND = 0.22  # how dark the limits of what is expected are filled
LETTER = 9.0
SPARKLINE = (112.0, 28.0)
SPARKLINE_MARGIN = 4.0
PALER = 0.6
STEPS = 4  # of a scale, about
ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
SLACK = 1e-9

Run = Sequence[tuple[int, float]]  # known numbers with their places


@dataclass(frozen=True)
class _Plot:
    """Where numbers lie in a box; ``low`` and ``high`` at its bottom and top."""

    count: int
    low: float
    high: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def step(self) -> float:
        """Width of a category."""
        return (self.right - self.left) / max(self.count, 1)

    def x(self, at: float) -> float:
        """Middle of a category."""
        return self.left + (at + 0.5) * self.step

    def y(self, value: float) -> float:
        # In halves: the distance of two numbers may be too large for one.
        share = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top)

    def path(self, corners: Iterable[tuple[float, float]]) -> str:
        places = ((self.x(at), self.y(value)) for at, value in corners)
        return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in places)

    def spot(self, at: int, value: float, **look: float | str) -> str:
        return element("circle", cx=self.x(at), cy=self.y(value), **look)

    def bar(
        self,
        at: float,
        width: float,
        span: tuple[float, float],
        color: str,
        *,
        is_pale: bool = False,
    ) -> str:
        """A bar around a place; from zero on, or from the end that is nearest to it."""
        top, bottom = sorted(map(self.y, span))
        box = {"x": self.x(at) - width / 2, "y": top, "width": width}
        look = {"fill": color, "opacity": PALER if is_pale else None}
        return element("rect", **box, height=bottom - top, **look)

    def rule(
        self, y: float, color: str, ends: tuple[float, float] | None = None
    ) -> str:
        left, right = ends or (self.left, self.right)
        ends = {"x1": left, "y1": y, "x2": right, "y2": y}
        return element("line", **ends, stroke=color, stroke_width=1)


def draw_area(tile: ChartTile, colors: Colors = PRINT) -> Drawing:
    """As lines, each filled down to zero."""
    return draw_line(tile, colors, is_filled=True)


def draw_line(
    tile: ChartTile, colors: Colors = PRINT, *, is_filled: bool = False
) -> Drawing:
    """A line per series; a missing number breaks it, the running period is dashed."""
    plot = _plot_of(tile, [*tile.numbers(), *([0.0] if is_filled else [])])
    shapes = _expected_shapes(tile, plot, colors)
    for place, series in enumerate(tile.series):
        color = colors.of_series(place)
        for run in _runs(series.values) if is_filled else ():
            path = plot.path([*run, (run[-1][0], 0.0), (run[0][0], 0.0)])
            shapes.append(element("path", d=f"{path}Z", fill=color, opacity=0.25))
        shapes += _line(plot, series.values, color, tile.is_running)
    return _chart(tile, plot, shapes, colors)


def draw_bar(tile: ChartTile, colors: Colors = PRINT) -> Drawing:
    """Bars of all series beside each other in their category, from zero on."""
    plot = _plot_of(tile, [0.0, *tile.numbers()])
    share = BAR_SHARE / max(len(tile.series), 1)
    blocks = [
        (at, at + (place - (len(tile.series) - 1) / 2) * share, place, (0.0, value))
        for place, series in enumerate(tile.series)
        for at, value in enumerate(series.values)
        if value is not None
    ]
    return _draw_bars(tile, plot, share, blocks, colors)


def draw_stacked(tile: ChartTile, colors: Colors = PRINT) -> Drawing:
    """Bars of all series on top of each other; negative ones below zero."""
    blocks = []
    for at in range(len(tile.categories)):
        reached = {True: 0.0, False: 0.0}  # above and below zero
        for place, series in enumerate(tile.series):
            if (value := series.values[at]) is not None:
                start = reached[value >= 0]
                reached[value >= 0] += value
                blocks.append((at, at, place, (start, start + value)))
    plot = _plot_of(tile, [0.0, *numbers_on_scale(tile, is_stacked=True)])
    return _draw_bars(tile, plot, BAR_SHARE, blocks, colors)


def _draw_bars(
    tile: ChartTile,
    plot: _Plot,
    share: float,
    blocks: Sequence[tuple[int, float, int, tuple[float, float]]],
    colors: Colors,
) -> Drawing:
    """:param blocks: category, place, number of the series, and from where to where"""
    last = len(tile.categories) - 1
    shapes = [
        plot.bar(
            middle,
            plot.step * share,
            span,
            colors.of_series(place),
            is_pale=tile.is_running and at == last,
        )
        for at, middle, place, span in blocks
    ]
    return _chart(tile, plot, shapes, colors)


def draw_waterfall(tile: PartsTile, colors: Colors = PRINT) -> Drawing:
    """Each part begins where the one before ended; totals stand on zero."""
    spans, reached = [], 0.0
    for part in tile.parts:
        start = 0.0 if part.is_total else reached
        reached = start + part.value
        spans.append((start, reached))
    scale = choose_scale([0.0, *(end for span in spans for end in span)])
    plot = _in_box(tile.size, len(spans), (scale.low, scale.high), left=RIGHT)
    width = plot.step * BAR_SHARE
    shapes, labels = [plot.rule(plot.y(0.0), colors.line)], []
    for at, (part, span) in enumerate(zip(tile.parts, spans, strict=True)):
        color = (
            colors.of_series(0)
            if part.is_total
            else _change_color(part.value, tile.direction, colors)
        )
        shapes.append(plot.bar(at, width, span, color))
        if at:
            left = plot.x(at) - width / 2
            ends = left - (plot.step - width), left
            before = plot.y(spans[at - 1][1])
            shapes.append(plot.rule(before, colors.faint, ends))
        top = min(map(plot.y, span)) - 3
        labels.append(Label(part.text, plot.x(at), top, size=LETTER, color=colors.ink))
    labels += _category_labels([part.name for part in tile.parts], plot, colors)
    summary = join_pairs((part.name, part.text) for part in tile.parts)
    return Drawing(tile.title, *tile.size, tuple(shapes), tuple(labels), summary)


def _change_color(value: float, direction: str, colors: Colors) -> str:
    """What is better is green, what is worse red; of a range neither is known."""
    if direction not in ("higher", "lower"):
        return colors.of_series(2 if value >= 0 else 3)
    is_better = (value < 0) == (direction == "lower")
    return colors.success if is_better else colors.danger


def draw_sparkline(tile: ChartTile, colors: Colors = PRINT) -> Drawing:
    """The first series as a line without a scale; its last number is marked."""
    width, height = SPARKLINE
    values = tile.series[0].values if tile.series else ()
    numbers = list(tile.numbers())
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    if low == high:
        low, high = low - 1, high + 1
    margin = SPARKLINE_MARGIN
    box = margin, width - margin, margin, height - margin
    plot = _Plot(len(values) + len(tile.coming), low, high, *box)
    shapes = [
        *_expected_shapes(tile, plot, colors, radius=0),
        *_targets(tile, plot, colors),
        *_line(plot, values, colors.of_series(0), tile.is_running, radius=0),
    ]
    known = [(at, value) for at, value in enumerate(values) if value is not None]
    if known:
        shapes.append(plot.spot(*known[-1], r=2.5, fill=colors.of_series(0)))
    return Drawing(tile.title, width, height, tuple(shapes), (), _summary(tile))


def ticks(numbers: Iterable[float], *, has_zero: bool = False) -> tuple[float, ...]:
    """Round numbers at equal distances that reach around all of ``numbers``.

    :param has_zero: also around zero, where lengths are read
    :return: lowest first, at least two; none where there are no numbers
    """
    known = list(numbers)
    if not known:
        return ()
    if has_zero:
        known.append(0.0)
    low, high = min(known), max(known)
    if low == high:
        scale = choose_scale([low])
        low, high = scale.low, scale.high
    rough = (high / STEPS) - (low / STEPS)
    size = 10.0 ** math.floor(math.log10(rough))
    step = size * next(each for each in ROUND if rough / size <= each + SLACK)
    first = math.floor(low / step + SLACK)
    last = math.ceil(high / step - SLACK)
    return tuple(place * step for place in range(first, last + 1))


def numbers_on_scale(tile: ChartTile, *, is_stacked: bool = False) -> Sequence[float]:
    """All numbers that the scale of a chart has to hold."""
    if not is_stacked:
        return list(tile.numbers())
    ends = [target for target in tile.targets if target is not None]
    for at in range(len(tile.categories)):
        column = [series.values[at] or 0.0 for series in tile.series]
        ends.append(math.fsum(value for value in column if value > 0))
        ends.append(math.fsum(value for value in column if value < 0))
    return ends


def _plot_of(tile: ChartTile, numbers: Sequence[float]) -> _Plot:
    """The scale that the ticks say, or one that holds all numbers."""
    levels = [level for level, _text in tile.ticks]
    if len(levels) > 1:
        low, high = min(*levels, *numbers), max(*levels, *numbers)
    else:
        scale = choose_scale(numbers)
        low, high = scale.low, scale.high
    count = len(tile.categories) + len(tile.coming)
    return _in_box(tile.size, count, (low, high))


def _in_box(
    size: tuple[float, float], count: int, ends: tuple[float, float], left: float = LEFT
) -> _Plot:
    width, height = size
    return _Plot(count, *ends, left, width - RIGHT, TOP, height - BOTTOM)


def _line(
    plot: _Plot,
    values: Sequence[float | None],
    color: str,
    is_running: bool,
    radius: float = 2.0,
) -> list[str]:
    look = {"fill": "none", "stroke": color, "stroke_width": 2}
    shapes = []
    for run in _runs(values):
        ends_open = is_running and run[-1][0] == len(values) - 1 and len(run) > 1
        drawn = run[:-1] if ends_open else run
        if len(drawn) > 1:
            shapes.append(element("path", d=plot.path(drawn), **look))
        if ends_open:
            path = plot.path(run[-2:])
            shapes.append(element("path", d=path, stroke_dasharray=DASHES, **look))
        if radius or len(run) == 1:
            shapes += (plot.spot(*spot, r=radius or 1.5, fill=color) for spot in run)
    return shapes


def _expected_shapes(
    tile: ChartTile, plot: _Plot, colors: Colors, radius: float = 2.0
) -> list[str]:
    """What is expected of each series: dashed, in a band of its limits.

    It goes on from the last value of which nothing else is expected.
    """
    shapes = []
    for place, series in enumerate(tile.series):
        expected, first = series.expected, len(series.values) - 1
        if not expected:
            continue
        known = [(at, v) for at, v in enumerate(series.values) if v is not None]
        if known and known[-1][0] == first and expected.values[0] is not None:
            known.pop()
        start = known[-1:]
        lows, line, highs = (
            start + [(at, v) for at, v in enumerate(row, first) if v is not None]
            for row in (expected.lows, expected.values, expected.highs)
        )
        color = colors.of_series(place)
        if len(lows) > 1 and len(highs) > 1:
            band = plot.path([*highs, *reversed(lows)])
            shapes.append(element("path", d=f"{band}Z", fill=color, opacity=BAND))
        look = {"stroke": color, "stroke_width": 2, "stroke_dasharray": EXPECTED_DASHES}
        shapes.append(element("path", d=plot.path(line), fill="none", **look))
        if radius:
            ring = {"r": radius, "fill": "none", "stroke": color}
            shapes += (plot.spot(*spot, **ring) for spot in line[len(start) :])
    return shapes


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Neighbouring known numbers with their places."""
    runs: list[list[tuple[int, float]]] = []
    for at, value in enumerate(values):
        if value is None:
            continue
        if not runs or runs[-1][-1][0] != at - 1:
            runs.append([])
        runs[-1].append((at, value))
    return runs


def _targets(tile: ChartTile, plot: _Plot, colors: Colors) -> list[str]:
    """A level over each category that has a target."""
    paths = [
        plot.path((at + side, value) for at, value in run for side in (-0.5, 0.5))
        for run in _runs(tile.targets)
    ]
    return [_target_line("".join(paths), colors)] if paths else []


def _target_line(path: str, colors: Colors) -> str:
    look = {"stroke": colors.target, "stroke_width": 1.2, "stroke_dasharray": DASHES}
    return element("path", d=path, fill="none", **look)


def _chart(
    tile: ChartTile, plot: _Plot, shapes: Sequence[str], colors: Colors
) -> Drawing:
    """Shapes on their scale, with the levels of targets and all names."""
    grid = [plot.rule(plot.y(level), colors.line) for level, _text in tile.ticks]
    width, height = tile.size
    names = [series.name for series in tile.series]
    if tile.targets and tile.targets_name:
        names.append(tile.targets_name)
    legend, words = draw_legend(
        names, width - 2 * RIGHT, height, colors, left=RIGHT, squares=len(tile.series)
    )
    if len(words) > len(tile.series):
        x, y = words[-1].x - 16, height + 6.5
        legend.append(_target_line(f"M{number(x)} {number(y)}h13", colors))
    left = plot.left - 5
    labels = [
        *(
            Label(text, left, plot.y(level) + 3, "end", LETTER, color=colors.faint)
            for level, text in tile.ticks
        ),
        *_category_labels((*tile.categories, *tile.coming), plot, colors),
        *_coming_label(tile, plot, colors),
        *words,
    ]
    return Drawing(
        tile.title,
        width,
        height + (LEGEND if words else 0),
        (*grid, *shapes, *_targets(tile, plot, colors), *legend),
        tuple(labels),
        _summary(tile),
    )


def _category_labels(names: Sequence[str], plot: _Plot, colors: Colors) -> list[Label]:
    """Every name, or as many at equal distances as have room, up to the last one."""
    every = max(1, -int(-LABEL_ROOM // max(plot.step, 1)))
    last = len(names) - 1
    look = {"size": LETTER, "is_word": True, "color": colors.faint}
    return [
        Label(name, plot.x(at), plot.bottom + 14, room=plot.step * every, **look)
        for at, name in enumerate(names)
        if (last - at) % every == 0
    ]


def _coming_label(tile: ChartTile, plot: _Plot, colors: Colors) -> list[Label]:
    """What is written over coming periods, where their lines leave more room."""
    courses = [series.expected for series in tile.series if series.expected]
    heights = [plot.y(value) for course in courses for value in course.numbers()]
    if not heights or not tile.coming_text:
        return []
    above, below = min(heights) - plot.top, plot.bottom - max(heights)
    if max(above, below) < 2 * LETTER:
        return []
    y = plot.top + LETTER if above >= below else plot.bottom - 4
    look = {"size": LETTER, "is_word": True, "color": colors.faint}
    return [Label(tile.coming_text, plot.right, y, "end", **look)]


def _summary(tile: ChartTile) -> str:
    """First and last number of each series, and what is expected last, with texts."""
    said = []
    for series in tile.series:
        rows = zip(tile.categories, series.values, series.texts, strict=False)
        known = [(name, text) for name, value, text in rows if value is not None]
        if not known:
            continue
        pairs = dict([known[0], known[-1]])
        texts = series.expected.texts if series.expected else ()
        ahead = zip((tile.categories[-1], *tile.coming), texts, strict=False)
        for category, text in [pair for pair in ahead if pair[1]][-1:]:
            pairs[f"{tile.coming_text} {category}".strip()] = text
        said.append(f"{series.name}: {join_pairs(pairs.items())}")
    return "; ".join(said)
