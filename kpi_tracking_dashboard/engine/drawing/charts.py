"""Charts with a scale: line, bar, area, stacked bars, waterfall, and the sparkline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from odoo.addons.kpi_tracking.engine.gauge.geometry import choose_scale

from .payload import ChartTile, PartsTile, Series
from .svg import PRINT, Colors, Drawing, Label, element, number

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


@dataclass(frozen=True)
class _Plot:
    """Where numbers lie in a box.

    :param low, high: numbers at its bottom and top
    """

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

    def x(self, at: int) -> float:
        """Middle of a category."""
        return self.left + (at + 0.5) * self.step

    def y(self, value: float) -> float:
        # In halves: the distance of two numbers may be too large for one.
        share = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top)

    @property
    def zero(self) -> float:
        """Where bars stand: on zero, or at the end that is nearest to it."""
        return self.y(0.0)


def draw_line(tile: ChartTile, colors: Colors = PRINT) -> Drawing:
    """A line per series; a missing number breaks it, the running period is dashed."""
    plot = _plot_of(tile, list(tile.numbers()))
    shapes = _expected_shapes(tile, plot, colors)
    for place, series in enumerate(tile.series):
        color = colors.of_series(place)
        shapes += _line(plot, series.values, color, tile.is_running)
    return _chart(tile, plot, [*shapes, *_targets(tile, plot, colors)], colors)


def draw_area(tile: ChartTile, colors: Colors = PRINT) -> Drawing:
    """As lines, each filled down to zero."""
    plot = _plot_of(tile, [0.0, *tile.numbers()])
    shapes = _expected_shapes(tile, plot, colors)
    for place, series in enumerate(tile.series):
        color = colors.of_series(place)
        for run in _runs(series.values):
            path = _path(plot, run) + "".join(
                f"L{number(plot.x(at))} {number(plot.zero)}"
                for at in (run[-1][0], run[0][0])
            )
            shapes.append(element("path", d=f"{path}Z", fill=color, opacity=0.25))
        shapes += _line(plot, series.values, color, tile.is_running)
    return _chart(tile, plot, [*shapes, *_targets(tile, plot, colors)], colors)


def draw_bar(tile: ChartTile, colors: Colors = PRINT) -> Drawing:
    """Bars of all series beside each other in their category, from zero on."""
    plot = _plot_of(tile, [0.0, *tile.numbers()])
    width = plot.step * BAR_SHARE / max(len(tile.series), 1)
    shapes = []
    for place, series in enumerate(tile.series):
        shift = (place - len(tile.series) / 2) * width
        for at, value in enumerate(series.values):
            if value is not None:
                left = plot.x(at) + shift
                pale = _is_last_running(tile, at)
                color = colors.of_series(place)
                shapes.append(_bar(plot, (left, width), (0.0, value), color, pale))
    return _chart(tile, plot, [*shapes, *_targets(tile, plot, colors)], colors)


def draw_stacked(tile: ChartTile, colors: Colors = PRINT) -> Drawing:
    """Bars of all series on top of each other; negative ones below zero."""
    blocks = list(_stack_blocks(tile))
    ends = [end for _at, _place, span in blocks for end in span]
    known_targets = [target for target in tile.targets if target is not None]
    plot = _plot_of(tile, [0.0, *ends, *known_targets])
    width = plot.step * BAR_SHARE
    shapes = [
        _bar(
            plot,
            (plot.x(at) - width / 2, width),
            span,
            colors.of_series(place),
            _is_last_running(tile, at),
        )
        for at, place, span in blocks
    ]
    return _chart(tile, plot, [*shapes, *_targets(tile, plot, colors)], colors)


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
    shapes, labels = [_rule(plot, plot.zero, colors.line)], []
    for at, (part, span) in enumerate(zip(tile.parts, spans, strict=True)):
        left = plot.x(at) - width / 2
        color = (
            colors.of_series(0)
            if part.is_total
            else _change_color(part.value, tile.direction, colors)
        )
        shapes.append(_bar(plot, (left, width), span, color))
        if at:
            before = plot.y(spans[at - 1][1])
            ends = left - (plot.step - width), left
            shapes.append(_rule(plot, before, colors.faint, ends))
        top = min(map(plot.y, span)) - 3
        labels.append(Label(part.text, plot.x(at), top, size=LETTER, color=colors.ink))
    names = [part.name for part in tile.parts]
    labels += _category_labels(names, plot, colors)
    summary = _join_pairs((part.name, part.text) for part in tile.parts)
    return Drawing(tile.title, *tile.size, tuple(shapes), tuple(labels), summary)


def _change_color(value: float, direction: str, colors: Colors) -> str:
    """What is better is green, what is worse red; of a range neither is known."""
    if direction not in ("higher", "lower"):
        return colors.of_series(2 if value >= 0 else 5)
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
    known = [at for at, value in enumerate(values) if value is not None]
    if known:
        spot = {"cx": plot.x(known[-1]), "cy": plot.y(values[known[-1]])}
        shapes.append(element("circle", **spot, r=2.5, fill=colors.of_series(0)))
    return Drawing(tile.title, width, height, tuple(shapes), (), _summary(tile))


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
    size: tuple[float, float],
    count: int,
    ends: tuple[float, float],
    left: float = LEFT,
) -> _Plot:
    width, height = size
    return _Plot(count, *ends, left, width - RIGHT, TOP, height - BOTTOM)


def _stack_blocks(tile: ChartTile) -> Iterator[tuple[int, int, tuple[float, float]]]:
    """Place of the category, place of the series, where its block starts and ends."""
    for at in range(len(tile.categories)):
        above = below = 0.0
        for place, series in enumerate(tile.series):
            value = series.values[at]
            if value is None:
                continue
            if value >= 0:
                yield at, place, (above, above + value)
                above += value
            else:
                yield at, place, (below, below + value)
                below += value


def _is_last_running(tile: ChartTile, at: int) -> bool:
    return tile.is_running and at == len(tile.categories) - 1


def _bar(
    plot: _Plot,
    across: tuple[float, float],
    span: tuple[float, float],
    color: str,
    is_pale: bool = False,
) -> str:
    top, bottom = sorted(map(plot.y, span))
    left, width = across
    return element(
        "rect",
        x=left,
        y=top,
        width=width,
        height=bottom - top,
        fill=color,
        opacity=PALER if is_pale else None,
    )


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
            shapes.append(element("path", d=_path(plot, drawn), **look))
        if ends_open:
            path = _path(plot, run[-2:])
            shapes.append(element("path", d=path, stroke_dasharray=DASHES, **look))
        if radius or len(run) == 1:
            spots = ({"cx": plot.x(at), "cy": plot.y(value)} for at, value in run)
            size = radius or 1.5
            shapes += (element("circle", **spot, r=size, fill=color) for spot in spots)
    return shapes


def _expected_shapes(
    tile: ChartTile, plot: _Plot, colors: Colors, radius: float = 2.0
) -> list[str]:
    """What is expected of each series: dashed, in a band of its limits."""
    return [
        shape
        for place, series in enumerate(tile.series)
        for shape in _ahead(plot, series, colors.of_series(place), radius)
    ]


def _ahead(plot: _Plot, series: Series, color: str, radius: float) -> list[str]:
    """On from the last value of which nothing else is expected."""
    expected = series.expected
    if not expected:
        return []
    first = len(series.values) - 1
    goes_on = [at for at, value in enumerate(series.values) if value is not None]
    if expected.values[0] is not None and first in goes_on:
        goes_on.remove(first)
    start = [(goes_on[-1], series.values[goes_on[-1]])] if goes_on else []
    lows, line, highs = (
        start
        + [(at, value) for at, value in enumerate(row, first) if value is not None]
        for row in (expected.lows, expected.values, expected.highs)
    )
    shapes = []
    if len(lows) > 1 and len(highs) > 1:
        band = _path(plot, [*highs, *reversed(lows)])
        shapes.append(element("path", d=f"{band}Z", fill=color, opacity=BAND))
    look = {"stroke": color, "stroke_width": 2, "stroke_dasharray": EXPECTED_DASHES}
    shapes.append(element("path", d=_path(plot, line), fill="none", **look))
    if radius:
        ring = {"r": radius, "fill": "none", "stroke": color}
        shapes += (
            element("circle", cx=plot.x(at), cy=plot.y(value), **ring)
            for at, value in line[len(start) :]
        )
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


def _path(plot: _Plot, run: Sequence[tuple[int, float]]) -> str:
    corners = (f"{number(plot.x(at))} {number(plot.y(value))}" for at, value in run)
    return "M" + "L".join(corners)


def _targets(tile: ChartTile, plot: _Plot, colors: Colors) -> list[str]:
    """A level over each category that has a target."""
    paths = []
    for run in _runs(tile.targets):
        corners = (
            f"{number(x)} {number(plot.y(value))}"
            for at, value in run
            for x in (plot.x(at) - plot.step / 2, plot.x(at) + plot.step / 2)
        )
        paths.append("M" + "L".join(corners))
    if not paths:
        return []
    return [_target_line("".join(paths), colors)]


def _target_line(path: str, colors: Colors) -> str:
    look = {"stroke": colors.target, "stroke_width": 1.2, "stroke_dasharray": DASHES}
    return element("path", d=path, fill="none", **look)


def _rule(
    plot: _Plot, y: float, color: str, ends: tuple[float, float] | None = None
) -> str:
    left, right = ends or (plot.left, plot.right)
    return element("line", x1=left, y1=y, x2=right, y2=y, stroke=color, stroke_width=1)


def _chart(
    tile: ChartTile, plot: _Plot, shapes: Sequence[str], colors: Colors
) -> Drawing:
    grid = [_rule(plot, plot.y(level), colors.line) for level, _text in tile.ticks]
    width, height = tile.size
    legend = _legend(tile, colors)
    left = plot.left - 5
    labels = [
        *[
            Label(text, left, plot.y(level) + 3, "end", LETTER, color=colors.faint)
            for level, text in tile.ticks
        ],
        *_category_labels((*tile.categories, *tile.coming), plot, colors),
        *_coming_label(tile, plot, colors),
        *legend[1],
    ]
    return Drawing(
        tile.title,
        width,
        height + (LEGEND if legend[1] else 0),
        (*grid, *shapes, *legend[0]),
        tuple(labels),
        _summary(tile),
    )


def _category_labels(names: Sequence[str], plot: _Plot, colors: Colors) -> list[Label]:
    """Every name, or as many at equal distances as have room, up to the last one."""
    every = max(1, -int(-LABEL_ROOM // max(plot.step, 1)))
    last = len(names) - 1
    return [
        Label(
            name,
            plot.x(at),
            plot.bottom + 14,
            size=LETTER,
            room=plot.step * every,
            is_word=True,
            color=colors.faint,
        )
        for at, name in enumerate(names)
        if (last - at) % every == 0
    ]


def _coming_label(tile: ChartTile, plot: _Plot, colors: Colors) -> list[Label]:
    """What is written over coming periods, where their lines leave more room."""
    known = [
        number
        for series in tile.series
        if series.expected
        for number in series.expected.numbers()
    ]
    if not known or not tile.coming_text:
        return []
    heights = [plot.y(number) for number in known]
    above, below = min(heights) - plot.top, plot.bottom - max(heights)
    if max(above, below) < 2 * LETTER:
        return []
    y = plot.top + LETTER if above >= below else plot.bottom - 4
    look = {"size": LETTER, "is_word": True, "color": colors.faint}
    return [Label(tile.coming_text, plot.right, y, "end", **look)]


def _legend(tile: ChartTile, colors: Colors) -> tuple[list[str], list[Label]]:
    """Names of the series and of the targets; none where there is only one."""
    names = [series.name for series in tile.series]
    if tile.targets and tile.targets_name:
        names.append(tile.targets_name)
    if len(names) < 2:
        return [], []
    shapes, labels = [], []
    width, height = tile.size
    room = (width - 2 * RIGHT) / len(names)
    for place, name in enumerate(names):
        left = RIGHT + place * room
        if place < len(tile.series):
            box = {"x": left, "y": height + 2, "width": 9, "height": 9}
            shapes.append(element("rect", **box, fill=colors.of_series(place)))
        else:
            path = f"M{number(left - 3)} {number(height + 6.5)}h13"
            shapes.append(_target_line(path, colors))
        spot = {"x": left + 13, "y": height + 10, "anchor": "start"}
        look = {"room": room - 16, "is_word": True, "color": colors.ink}
        labels.append(Label(name, **spot, **look))
    return shapes, labels


def _summary(tile: ChartTile) -> str:
    """First and last number of each series, where they have texts."""
    said = []
    for series in tile.series:
        known = [
            (category, text)
            for category, value, text in zip(
                tile.categories, series.values, series.texts, strict=False
            )
            if value is not None
        ]
        if known:
            pairs = {**dict([known[0], known[-1]]), **_say_expected(tile, series)}
            said.append(f"{series.name}: {_join_pairs(pairs.items())}")
    return "; ".join(said)


def _say_expected(tile: ChartTile, series: Series) -> dict[str, str]:
    """The last period of which something is expected, and what."""
    texts = series.expected.texts if series.expected else ()
    categories = (tile.categories[-1], *tile.coming)
    known = [pair for pair in zip(categories, texts, strict=False) if pair[1]]
    if not known:
        return {}
    category, text = known[-1]
    return {f"{tile.coming_text} {category}".strip(): text}


def _join_pairs(pairs: Iterator[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {text}" for name, text in pairs)
