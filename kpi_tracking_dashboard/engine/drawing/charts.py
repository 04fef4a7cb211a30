"""Charts with a scale: line, bar, area, stacked bars, waterfall, and the sparkline."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from odoo.addons.kpi_tracking.engine.gauge.geometry import choose_scale

from . import options
from .options import Box, dashes
from .payload import ChartTile, PartsTile, Series
from .svg import (
    PRINT,
    Colors,
    Drawing,
    Label,
    draw_legend,
    element,
    join_pairs,
    number,
    text_width,
)

RIGHT, TOP, BOTTOM = 12.0, 20.0, 24.0
TICK_GAP = 6.0  # from the numbers of a scale to it
BAR_SHARE = 0.7  # of the room of a category
LABEL_GAP = 8.0  # between the names of two categories
SPARE = 4.0  # beside names: letters of other faces are wider
DROP = 4.0  # from the middle of a line of writing to its foot
LETTER = options.LETTER
SPARKLINE = (180.0, 44.0)
SPARKLINE_MARGIN, SPARKLINE_MARK = 4.0, 3.0
STEPS = options.TICKS - 1  # of a scale, about
ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
SLACK = 1e-9

Run = Sequence[tuple[int, float]]  # known numbers with their places


@dataclass(frozen=True)
class _End:
    """What stands at the end of a line, at its height.

    :param color: of a mark before it; empty = none
    """

    text: str
    y: float
    color: str = ""


@dataclass(frozen=True)
class _Number:
    """The number of a point, or of a bar, where it can only stand above."""

    text: str
    point: tuple[float, float]
    color: str
    is_above: bool = False


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
        look = {"fill": color, "opacity": options.RUNNING if is_pale else None}
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
    """A line per series; a missing number breaks it, up to the running period it is
    dotted. Up to five series are named at their ends.
    """
    names = [series.name for series in tile.series] if len(tile.series) > 1 else []
    is_named = len(names) <= options.NAMED
    numbers = [*tile.numbers(), *([0.0] if is_filled else [])]
    plot = _plot_of(tile, numbers, _end_room(tile, names if is_named else []))
    shapes = _expected_shapes(tile, plot, colors)
    for place, series in enumerate(tile.series):
        color = colors.of_series(place)
        for run in _runs(series.values) if is_filled else ():
            path = plot.path([*run, (run[-1][0], 0.0), (run[0][0], 0.0)])
            fill = element("path", d=f"{path}Z", fill=color, opacity=options.BAND)
            shapes.append(fill)
        shapes += _line(plot, series.values, color, colors, is_running=tile.is_running)
    ends = [
        _End(series.name, plot.y(last), colors.of_series(place))
        for place, series in enumerate(tile.series)
        if names and is_named and (last := _last_number(series)) is not None
    ]
    marked, words = _numbers(tile, plot, colors)
    return _chart(tile, plot, [*shapes, *marked], colors, ends=ends, numbers=words)


def _last_number(series: Series) -> float | None:
    """Where its line ends: with its forecast, where it has one."""
    ahead = series.expected.values if series.expected else ()
    known = [value for value in (*series.values, *ahead) if value is not None]
    return known[-1] if known else None


def draw_bar(tile: ChartTile, colors: Colors = PRINT) -> Drawing:
    """Bars of all series beside each other in their category, from zero on."""
    plot = _plot_of(tile, [0.0, *tile.numbers()], _end_room(tile, []))
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
    numbers = [0.0, *numbers_on_scale(tile, is_stacked=True)]
    names = [series.name for series in tile.series] if len(tile.series) > 1 else []
    is_named = len(names) <= options.NAMED
    plot = _plot_of(tile, numbers, _end_room(tile, names if is_named else []))
    last = {place: span for _at, _middle, place, span in blocks}
    ends = [
        _End(name, plot.y(sum(last[place]) / 2), colors.of_series(place))
        for place, name in enumerate(names if is_named else [])
        if place in last
    ]
    return _draw_bars(tile, plot, BAR_SHARE, blocks, colors, ends)


def _draw_bars(
    tile: ChartTile,
    plot: _Plot,
    share: float,
    blocks: Sequence[tuple[int, float, int, tuple[float, float]]],
    colors: Colors,
    ends: Sequence[_End] = (),
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
    _marked, words = _numbers(tile, plot, colors, are_bars=True)
    return _chart(tile, plot, shapes, colors, ends=ends, numbers=words)


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
        top = min(map(plot.y, span)) - DROP
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


def draw_sparkline(
    tile: ChartTile, colors: Colors = PRINT, width: float | None = None
) -> Drawing:
    """The first series as a line without a scale; its last number is marked, and the
    last target has its number at its line.

    :param width: the room for it, in pixels
    """
    usual, height = SPARKLINE
    width = width or usual
    values = tile.series[0].values if tile.series else ()
    numbers = list(tile.numbers())
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    if low == high:
        low, high = low - 1, high + 1
    margin = SPARKLINE_MARGIN
    levels = [value for value in tile.targets if value is not None]
    text = tile.target_text if levels else ""
    room = text_width(text, LETTER) + SPARE if text else 0.0
    box = margin, width - margin - room, margin, height - margin
    plot = _Plot(len(values) + len(tile.coming), low, high, *box)
    words = []
    if text:
        half = options.LINE_HEIGHT / 2
        y = min(max(plot.y(levels[-1]), half), height - half)
        look = {"anchor": "end", "size": LETTER, "color": colors.faint}
        words.append(Label(text, width, y + DROP, **look))
    shapes = [
        *_expected_shapes(tile, plot, colors, radius=0),
        *_targets(tile, plot, colors),
        *_line(
            plot,
            values,
            colors.of_series(0),
            colors,
            is_running=tile.is_running,
            mark=SPARKLINE_MARK,
        ),
    ]
    return Drawing(
        tile.title, width, height, tuple(shapes), tuple(words), _summary(tile)
    )


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
    # A scale that begins below the lowest number may need the next larger step.
    for step in (size * each * ten for ten in (1.0, 10.0) for each in ROUND):
        first = math.floor(low / step + SLACK)
        last = math.ceil(high / step - SLACK)
        if rough <= step * (1 + SLACK) and last - first < options.TICKS:
            break
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


def _plot_of(tile: ChartTile, numbers: Sequence[float], right: float) -> _Plot:
    """The scale that the ticks say, or one that holds all numbers.

    :param right: room beside it, for names
    """
    levels = [level for level, _text in tile.ticks]
    if len(levels) > 1:
        low, high = min(*levels, *numbers), max(*levels, *numbers)
    else:
        scale = choose_scale(numbers)
        low, high = scale.low, scale.high
    count = len(tile.categories) + len(tile.coming)
    texts = [text for _level, text in tile.ticks]
    left = max((text_width(text, LETTER) for text in texts), default=0.0)
    return _in_box(tile.size, count, (low, high), left=left + TICK_GAP, right=right)


def _in_box(
    size: tuple[float, float],
    count: int,
    ends: tuple[float, float],
    *,
    left: float,
    right: float = RIGHT,
) -> _Plot:
    width, height = size
    return _Plot(count, *ends, left, width - right, TOP, height - BOTTOM)


def _end_room(tile: ChartTile, names: Sequence[str]) -> float:
    """Room beside a chart for what stands at the ends of lines."""
    named = max((text_width(name, LETTER) for name in names), default=0.0)
    room = min(named, options.NAME_SHARE * tile.size[0])
    if any(target is not None for target in tile.targets):
        room = max(room, text_width(tile.target_text, LETTER))  # never cut
    return options.NAME_GAP + _indent(names) + room + SPARE if room else RIGHT


def _indent(names: Sequence[object]) -> float:
    """Room of the marks before names of series."""
    return options.SWATCH[0] + 4 if names else 0.0


def _line(
    plot: _Plot,
    values: Sequence[float | None],
    color: str,
    colors: Colors,
    *,
    is_running: bool,
    mark: float = options.MARK,
) -> list[str]:
    """A line whose last point is marked; that of a running period is open."""
    look = {"fill": "none", "stroke": color, "stroke_width": options.LINE}
    look["stroke_linejoin"] = "round"
    shapes, runs = [], _runs(values)
    for run in runs:
        ends_open = is_running and run[-1][0] == len(values) - 1 and len(run) > 1
        drawn = run[:-1] if ends_open else run
        if len(drawn) > 1:
            shapes.append(element("path", d=plot.path(drawn), **look))
        elif not ends_open:
            shapes.append(plot.spot(*run[0], r=options.DOT, fill=color))
        if ends_open:
            path, dotted = plot.path(run[-2:]), dashes(options.DOTTED)
            shapes.append(element("path", d=path, stroke_dasharray=dotted, **look))
    if runs:
        last = runs[-1][-1]
        is_open = is_running and last[0] == len(values) - 1
        ring = {"fill": colors.paper, "stroke": color, "stroke_width": options.LINE}
        shapes.append(
            plot.spot(*last, r=mark, **(ring if is_open else {"fill": color}))
        )
    return shapes


def _numbers(
    tile: ChartTile, plot: _Plot, colors: Colors, *, are_bars: bool = False
) -> tuple[list[str], list[_Number]]:
    """The last and the worst number of the only series that has texts, and the mark of
    the worst point. Of what are no periods each has its number.
    """
    written = [series for series in tile.series if any(series.texts)]
    if len(written) != 1:
        return [], []
    (series,) = written
    known = [at for at, value in enumerate(series.values) if value is not None]
    worst = options.worst_place(
        series.values, tile.targets, series.statuses, is_running=tile.is_running
    )
    marked, words = [], []
    places = [*known[-1:], *([] if worst is None else [worst])]
    for at in dict.fromkeys(places) if tile.has_periods else known:
        tone = colors.ink
        if at == worst and at != known[-1]:
            tone = colors.texts[options.POOR[series.statuses[at]]]
            marked.append(plot.spot(at, series.values[at], r=options.MARK, fill=tone))
        text = series.texts[at] if at < len(series.texts) else ""
        if text:
            top = max(series.values[at], 0.0) if are_bars else series.values[at]
            point = plot.x(at), plot.y(top)
            words.append(_Number(text, point, tone, are_bars))
    return marked, words


def _expected_shapes(
    tile: ChartTile, plot: _Plot, colors: Colors, radius: float = 2.0
) -> list[str]:
    """What is expected of each series: dotted, in a band of its limits.

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
            shapes.append(
                element("path", d=f"{band}Z", fill=color, opacity=options.BAND)
            )
        look = {"stroke": color, "stroke_width": options.LINE}
        look["stroke_dasharray"] = dashes(options.DOTTED)
        shapes.append(element("path", d=plot.path(line), fill="none", **look))
        if radius:
            ring = {"r": radius, "fill": colors.paper, "stroke": color}
            # Of the running period, and of one alone; others lie on their line.
            running = first if series.values[first] is not None else None
            shapes += (
                plot.spot(*spot, **ring)
                for spot in line[len(start) :]
                if spot[0] == running or len(line) == 1
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


def _targets(tile: ChartTile, plot: _Plot, colors: Colors) -> list[str]:
    """A level over each category that has a target."""
    paths = [
        plot.path((at + side, value) for at, value in run for side in (-0.5, 0.5))
        for run in _runs(tile.targets)
    ]
    look = {"stroke": colors.target, "stroke_width": options.TARGET_LINE}
    look["stroke_dasharray"] = dashes(options.TARGET_DASH)
    return [element("path", d="".join(paths), fill="none", **look)] if paths else []


def _chart(
    tile: ChartTile,
    plot: _Plot,
    shapes: Sequence[str],
    colors: Colors,
    *,
    ends: Sequence[_End] = (),
    numbers: Sequence[_Number] = (),
) -> Drawing:
    """Shapes on their scale, with the levels of targets, all names and some numbers.

    Several series without names at their ends have a legend.
    """
    grid = [plot.rule(plot.y(level), colors.line) for level, _text in tile.ticks]
    width, height = tile.size
    names = [series.name for series in tile.series]
    if len(names) < 2 or ends:
        names = []
    legend, words, below = draw_legend(names, width - RIGHT, height, colors)
    levels = [value for value in tile.targets if value is not None]
    if levels and tile.target_text:
        ends = [*ends, _End(tile.target_text, plot.y(levels[-1]))]
    marks, end_words, taken = _draw_ends(ends, plot, width, colors)
    halos, number_words = _draw_numbers(tile, plot, numbers, taken, colors)
    left = plot.left - TICK_GAP
    look = {"size": LETTER, "color": colors.faint}
    labels = [
        *(
            Label(text, left, plot.y(level) + DROP, "end", **look)
            for level, text in tile.ticks
        ),
        *_category_labels((*tile.categories, *tile.coming), plot, colors),
        *_coming_label(tile, plot, colors),
        *end_words,
        *number_words,
        *words,
    ]
    return Drawing(
        tile.title,
        width,
        height + below,
        (*grid, *_targets(tile, plot, colors), *shapes, *halos, *marks, *legend),
        tuple(labels),
        _summary(tile),
    )


def _draw_ends(
    ends: Sequence[_End], plot: _Plot, width: float, colors: Colors
) -> tuple[list[str], list[Label], list[Box]]:
    """Names beside the ends of lines, none on another one: marks, words and places."""
    heights = options.spread(
        [end.y for end in ends], options.LINE_HEIGHT, plot.top, plot.bottom
    )
    left = plot.right + options.NAME_GAP
    start = left + _indent([end for end in ends if end.color])
    wide, high = options.SWATCH
    marks, words, taken = [], [], []
    for end, y in zip(ends, heights, strict=True):
        if end.color:
            box = {"x": left, "y": y - high / 2, "width": wide, "height": high}
            marks.append(element("rect", **box, fill=end.color))
        room = width - start
        # The number of a target is never cut, nor is what fits.
        is_whole = not end.color or text_width(end.text, LETTER) <= room + SLACK
        look = {"room": 0.0 if is_whole else room, "color": colors.ink}
        look |= {"size": LETTER, "is_word": True}
        words.append(Label(end.text, start, y + DROP, "start", **look))
        half = options.LINE_HEIGHT / 2
        taken.append(Box(left, y - half, width, y + half))
    return marks, words, taken


def _draw_numbers(
    tile: ChartTile,
    plot: _Plot,
    numbers: Sequence[_Number],
    taken: Sequence[Box],
    colors: Colors,
) -> tuple[list[str], list[Label]]:
    """Numbers beside their points, each on a pale ground; without room they are left
    out.
    """
    lines = [
        [(plot.x(at), plot.y(value)) for at, value in run]
        for values in (*(series.values for series in tile.series), tile.targets)
        for run in _runs(values)
    ]
    area = Box(plot.left, 0.0, tile.size[0], plot.bottom)
    halos, labels, used = [], [], [*taken]
    for each in numbers:
        width = text_width(each.text, LETTER)
        box = options.place_number(
            each.point, width, area, lines, used, is_above=each.is_above
        )
        if not box:
            continue
        used.append(box)
        size = {"width": width, "height": options.LINE_HEIGHT - 2}
        ground = {"fill": colors.paper, "opacity": options.HALO}
        halos.append(element("rect", x=box.left, y=box.top + 1, **size, **ground))
        middle = (box.left + box.right) / 2
        look = {"size": LETTER, "is_bold": True, "color": each.color}
        labels.append(Label(each.text, middle, box.bottom - DROP, **look))
    return halos, labels


def _category_labels(names: Sequence[str], plot: _Plot, colors: Colors) -> list[Label]:
    """Every name, or as many at equal distances as have room, up to the last one."""
    widest = max((text_width(name, LETTER) for name in names), default=0.0)
    every = max(1, -int(-(widest + LABEL_GAP) // max(plot.step, 1)))
    last = len(names) - 1
    look = {"size": LETTER, "is_word": True, "color": colors.faint}
    return [
        Label(name, plot.x(at), plot.bottom + 16, room=plot.step * every, **look)
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
