"""What the answer of a dashboard says, for one reader: its tiles, and of single KPIs
the headline, status, comparisons and trend.

Says what ``static/src/eager/comparison/comparisons.js`` and the status chip say.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from odoo.addons.kpi_base.engine.formatting import (
    Unit,
    achievement,
    add_sign,
    change,
    compact,
    compact_parts,
    distance,
    fixed,
    percent,
    unit_symbols,
)
from odoo.addons.kpi_tracking.engine.due import is_comparable
from odoo.addons.kpi_tracking.engine.gauge.zones import Zone
from odoo.addons.kpi_tracking.engine.status import STATUS_TONES

from ..drawing.charts import numbers_on_scale, ticks
from ..drawing.parts import MIN_AXES
from ..drawing.payload import (
    ChartTile,
    Expected,
    GaugeTile,
    Mark,
    Part,
    PartsTile,
    PayloadError,
    Series,
)
from .shown import DRAW, Cell, Headline, Reader, ShownTile, Table
from .summary import main_period

FROM_ZERO = {"bar", "area", "stacked", "radar"}
MOST_SPAN, MOST_ROWS = 12, 4
# What is expected of a series, and the word that heads it.
EXPECTED = {"values": "expected", "lows": "expected_low", "highs": "expected_high"}
UNJUDGED = {"not_due", "no_target", "no_data"}
TONES = {**STATUS_TONES, **dict.fromkeys(UNJUDGED, "muted")}
FACTS = ("value", "target", "whole", "baseline", "previous", "year_before")
USUAL = ("target", "previous")
MOST_COMPARISONS = 2
SPAN = " – "
YEAR = re.compile(r"(?:[,،]|\sdel?)?\s(\d{4})$")  # “Sep 8, 2026”, “set. de 2026”

Body = dict[str, Any]


def show_tiles(answer: Body, reader: Reader) -> list[ShownTile]:
    """The tiles in their order.

    :param answer: as ``kpi.dashboard.data`` gives it
    """
    label, _is_running = main_period(answer)
    return [show_tile(tile, reader, label) for tile in answer["tiles"]]


def show_tile(tile: Body, reader: Reader, main_label: str = "") -> ShownTile:
    """A tile; what cannot be drawn has its table or says why.

    :param main_label: of the period that is named above all tiles
    """
    shown = _show_tile(tile, reader)
    if shown.headline and shown.headline.period != main_label:
        own = replace(shown.headline, own_period=shown.headline.period)
        return replace(shown, headline=own)
    return shown


def _show_tile(tile: Body, reader: Reader) -> ShownTile:
    words = reader.words
    badge = tile.get("certification") if tile["state"] == "ok" else None
    base = ShownTile(
        id=tile["id"],
        kind=tile["kind"],
        # What is not available has no name but that.
        title="" if tile["state"] == "unavailable" else tile["title"] or "",
        state=tile["state"],
        span=min(max(tile.get("span") or 4, 1), MOST_SPAN),
        rows=min(max(tile.get("height") or 2, 1), MOST_ROWS),
        message=tile.get("message") or "",
        notes=tuple(_note(note, reader) for note in tile.get("notes") or ()),
        footer=" · ".join(_marks(tile, words)),
        finding=tile.get("finding") or "",
        certification=badge or "",
        certification_word=words[badge] if badge else "",
    )
    if tile["kind"] == "view":
        return replace(base, rows=1, message=words["left_out"])
    if tile["state"] != "ok":
        return replace(base, message=base.message or words.get(tile["state"], ""))
    if tile["kind"] == "text":
        return replace(base, html=tile.get("html") or "")
    if tile["kind"] not in _SHOW:  # added by an addon: only its component draws it
        if "table" in tile:
            return replace(base, table=_read_table(tile["table"]))
        return replace(base, message=base.message or words["screen_only"])
    return _SHOW[tile["kind"]](base, tile, reader)


def _read_table(table: Body) -> Table:
    """The table of a tile that an addon added.

    :param table: ``heads``, ``rows`` of cells: a text, or values of a ``Cell``
    """
    rows = tuple(
        tuple(Cell(**cell) if isinstance(cell, dict) else Cell(cell) for cell in row)
        for row in table["rows"]
    )
    numbers = {
        at for row in rows for at, one in enumerate(row) if one.number is not None
    }
    return Table(tuple(table["heads"]), rows, values=tuple(sorted(numbers)))


def _marks(tile: Body, words: Mapping[str, str]) -> Iterator[str]:
    """Words for what icons say in the browser."""
    if tile.get("is_stale"):
        yield words["stale"]
    if tile.get("is_expected_stale"):
        yield words["being_updated"]


def _note(note: Body, reader: Reader) -> str:
    who = f" ({note['who']})" if note.get("who") else ""
    return f"{reader.day(note['date'])}: {note['text']}{who}"


def _show_gauge(base: ShownTile, tile: Body, reader: Reader) -> ShownTile:
    kpi, drawn = tile["kpi"], tile.get("gauge")
    shown = replace(base, headline=headline(kpi, reader), facts=facts(kpi, reader))
    if not drawn:  # its number and trend say more
        return replace(shown, trend_chart=build_trend_chart(kpi, reader))
    unit = reader.unit(kpi["unit"])
    _before, number, after = compact_parts(reader.table, drawn["value"], unit)
    marks = [
        Mark(kind, value, reader.short(value, unit) if kind == "target" else "")
        for kind in ("whole", "baseline", "target")
        if (value := drawn.get(kind)) is not None
    ]
    word, tone = status_of(kpi, reader)
    payload = GaugeTile(
        title=base.title,
        style=drawn["style"],
        low=drawn["low"],
        high=drawn["high"],
        value=drawn["value"],
        number=_before + number,
        unit=after,
        zones=tuple(
            Zone(zone["from"], zone["to"], zone["color"], zone.get("label", ""))
            for zone in drawn["zones"]
        ),
        marks=tuple(marks),
        low_text=compact(reader.table, drawn["low"], unit),
        high_text=compact(reader.table, drawn["high"], unit),
        status=word,
        tone=tone,
        is_running=bool(kpi.get("is_running")),
    )
    return replace(shown, payload=payload)


def _show_card(base: ShownTile, tile: Body, reader: Reader) -> ShownTile:
    card = tile["card"]
    if card["style"] == "comparison":
        return replace(base, table=_ranking(card["rows"], reader))
    if card["style"] == "alert":
        words, items = reader.words, card["items"]
        if not items:
            return replace(base, message=words["nothing"])
        rows = tuple(
            (
                Cell(item["text"]),
                Cell(words.get(item["kind"], "")),
                Cell(reader.day(item["date"]) if item["date"] else ""),
            )
            for item in items
        )
        rest = card.get("count", len(items)) - len(items)
        message = words["more"] % rest if rest > 0 else ""
        heads = (words["kpi"], words["status"], words["date"])
        return replace(base, table=Table(heads, rows), message=message)
    kpi = tile["kpi"]
    return replace(
        base,
        headline=headline(kpi, reader, card.get("comparisons")),
        trend_chart=build_trend_chart(kpi, reader)
        if card["style"] == "trend"
        else None,
        facts=facts(kpi, reader),
    )


def _ranking(kpis: Sequence[Body], reader: Reader) -> Table:
    """Scopes below each other, as they come."""
    rows = tuple(
        (
            # Kept answers may be older than labels.
            Cell(kpi.get("label") or kpi.get("scope") or kpi["name"]),
            value_cell(
                kpi["value"] if kpi["has_value"] else None,
                reader.unit(kpi["unit"]),
                reader,
            ),
            Cell(status_of(kpi, reader)[0], status=kpi["status"]),
        )
        for kpi in kpis
    )
    heads = tuple(reader.words[name] for name in ("scope", "value", "status"))
    return Table(heads, rows, (1,))


def _show_chart(base: ShownTile, tile: Body, reader: Reader) -> ShownTile:
    chart = tile["chart"]
    unit = reader.unit(chart["unit"])
    is_short = tile["kind"] == "heatmap"  # its cells are small
    table = _chart_table(chart, unit, reader, is_short=is_short)
    shown = replace(base, table=table)
    is_flat = tile["kind"] == "radar" and len(chart["categories"]) < MIN_AXES
    if tile["kind"] not in DRAW or not chart["series"] or is_flat:
        return shown
    levels = [s["targets"] for s in chart["series"] if s.get("targets")]
    payload = ChartTile(
        title=base.title,
        categories=tuple(chart["categories"]),
        series=tuple(
            Series(
                series["name"],
                tuple(series["values"]),
                tuple(reader.short(value, unit) for value in series["values"]),
                read_expected(series.get("expected"), unit, reader),
                tuple(series.get("statuses") or ()),
            )
            for series in chart["series"]
        ),
        # Levels of several series would not tell whose they are.
        **read_targets(levels[0] if len(levels) == 1 else (), unit, reader),
        is_running=bool(chart.get("is_running")),
        **read_coming(chart, reader),
    )
    kind = tile["kind"]
    scale = {"has_zero": kind in FROM_ZERO, "is_stacked": kind == "stacked"}
    return replace(shown, payload=add_ticks(payload, unit, reader, **scale))


def add_ticks(
    chart: ChartTile,
    unit: Unit,
    reader: Reader,
    *,
    has_zero: bool,
    is_stacked: bool = False,
) -> ChartTile:
    """A chart with the numbers of its scale, written for the reader."""
    numbers = numbers_on_scale(chart, is_stacked=is_stacked)
    levels = ticks(numbers, has_zero=has_zero)
    said = tuple((level, compact(reader.table, level, unit)) for level in levels)
    return replace(chart, ticks=said)


def _chart_table(chart: Body, unit, reader: Reader, *, is_short: bool = False) -> Table:
    """A row for each category, a column for each series, and further ones for what is
    expected of it.
    """
    series, words = [one for one in chart["series"] if _has_past(one)], reader.words
    names = list(chart["categories"])
    further = (chart.get("coming") or {}).get("categories") or ()
    blank = [None] * (len(names) - 1)
    if chart.get("is_running") and names:
        names[-1] = words["so_far"] % names[-1]
    names += [words["coming"] % each for each in further]
    columns = [[*map(Cell, names)]]
    heads, ahead = [words["period"]], []
    for each in series:
        own = reader.unit(each["unit"]) if each.get("unit") else unit
        statuses = each.get("statuses") or ()
        pairs = zip_longest(each["values"], statuses[: len(each["values"])])
        cells = [
            value_cell(value, own, reader, status or "") for value, status in pairs
        ]
        if is_short:
            cells = [
                replace(cell, text=reader.short(value, own) or cell.text)
                for cell, value in zip(cells, each["values"], strict=True)
            ]
        heads.append(each["name"])
        columns.append([*cells, *(Cell("–") for _each in further)])
        for name, key in EXPECTED.items() if each.get("expected") else ():
            head = words[key] if len(series) == 1 else f"{each['name']}: {words[key]}"
            values = (*blank, *each["expected"][name])
            ahead.append((head, [value_cell(value, own, reader) for value in values]))
    for each in chart["series"]:
        if not _has_past(each):
            values = (*blank, *each["expected"]["values"])
            cells = [value_cell(value, unit, reader) for value in values]
            ahead.append((each["name"], cells))
    return Table(
        (*heads, *(head for head, _cells in ahead)),
        tuple(zip(*columns, *(cells for _head, cells in ahead), strict=True)),
        tuple(range(1, len(heads) + len(ahead))),
        expected=tuple(range(len(heads), len(heads) + len(ahead))),
        coming=len(further),
    )


def _has_past(series: Body) -> bool:
    return not series.get("expected") or any(v is not None for v in series["values"])


def _show_scatter(base: ShownTile, tile: Body, reader: Reader) -> ShownTile:
    chart = tile["chart"]
    units = [reader.unit(unit) for unit in chart["units"]]
    names = chart.get("names") or ("X", "Y")
    rows = tuple(
        (
            Cell(point["name"]),
            *(
                value_cell(point[axis], unit, reader)
                for axis, unit in zip("xy", units, strict=True)
            ),
        )
        for point in chart["points"]
    )
    return replace(base, table=Table((reader.words["scope"], *names), rows, (1, 2)))


def _show_parts(base: ShownTile, tile: Body, reader: Reader) -> ShownTile:
    found = tile["parts"]
    unit = reader.unit(found["unit"])
    rows, drawn = [], []
    for row in found["rows"]:
        value, part = value_cell(row["value"], unit, reader), Cell("–")
        if (share := row.get("share")) is not None:
            text = percent(reader.table, share)
            before, after = reader.table["percent"]
            part = Cell(text, 100 * share, 1, before=before, after=after)
        rows.append((Cell(row["name"]), value, part))
        if row["value"] is not None:
            is_total = bool(row.get("is_total"))
            text = compact(reader.table, row["value"], unit)
            if base.kind == "waterfall" and not is_total:  # a change, as on the screen
                size = compact(reader.table, abs(row["value"]), unit)
                text = add_sign(reader.table, row["value"], size)
            drawn.append(Part(row["name"], row["value"], text, is_total))
    heads = tuple(reader.words[name] for name in ("part", "value", "share"))
    table = Table(heads, tuple(rows), (1, 2))
    direction = found.get("direction") or ""
    payload = PartsTile(base.title, tuple(drawn), direction=direction)
    shown = replace(base, table=table, payload=payload)
    is_ring = base.kind in ("pie", "doughnut")
    if is_ring and sum(part.value != 0 for part in drawn) < 2:  # one part is no share
        return replace(base, table=table)
    try:
        shown.drawing()
    except PayloadError:  # a negative part is no share of a whole
        message = base.message or reader.words["negative"]
        return replace(base, table=table, message=message)
    return shown


def headline(
    kpi: Body, reader: Reader, comparisons: Sequence[str] | None = None
) -> Headline:
    """The value in three digits, and what it is compared with.

    :param comparisons: of ``target``, ``previous``, ``year``; at most two are shown
    """
    word, tone = status_of(kpi, reader)
    period = (kpi.get("period") or {}).get("label") or ""
    if not kpi["has_value"]:
        return Headline("–", number="–", status=word, tone=tone, period=period)
    unit = reader.unit(kpi["unit"])
    wanted = USUAL if comparisons is None else comparisons
    said = {name: _compare(name, kpi, unit, reader) for name in wanted}
    before, figure, after = compact_parts(reader.table, kpi["value"], unit)
    return Headline(
        compact(reader.table, kpi["value"], unit),
        number=before + figure,
        unit=after,
        status=word,
        tone=tone,
        period=period,
        lines=tuple(filter(None, said.values()))[:MOST_COMPARISONS],
        distance=said.get("target", ""),
        gap=_vs_target(kpi, unit, reader)[0],
    )


def status_of(kpi: Body, reader: Reader) -> tuple[str, str]:
    """Its word and the name of its colour."""
    status = kpi["status"] or "no_data"
    tone = TONES[status]
    word = reader.words[status]
    is_open = kpi.get("is_running") and tone != "muted"
    return (reader.words["so_far"] % word if is_open else word), tone


def facts(kpi: Body, reader: Reader) -> Table:
    """All that is known of its latest value; what is not is left out."""
    words, unit = reader.words, reader.unit(kpi["unit"])
    known = [(name, kpi.get(name)) for name in FACTS]
    rows = [
        (Cell(words[name]), value_cell(value, unit, reader))
        for name, value in known
        if value is not None and (name != "value" or kpi["has_value"])
    ]
    if kpi["status"] not in UNJUDGED and kpi.get("achievement") is not None:
        reached = achievement(reader.table, kpi["achievement"])
        rows.append((Cell(words["achievement"]), Cell(reached)))
    status = Cell(status_of(kpi, reader)[0], status=kpi["status"])
    rows.append((Cell(words["status"]), status))
    period = (kpi.get("period") or {}).get("label")
    if period:
        rows.append((Cell(words["period"]), Cell(period)))
    return Table((kpi["name"], words["value"]), tuple(rows), (1,))


def value_cell(
    value: float | None, unit: Unit, reader: Reader, status: str = ""
) -> Cell:
    """A number with the decimals of its KPI; a dash where it is missing."""
    if value is None:
        return Cell("–")
    if unit.kind == "boolean":  # a word, not a number
        return Cell(fixed(reader.table, value, unit), status=status)
    text, around = fixed(reader.table, value, unit), unit_symbols(reader.table, unit)
    return Cell(text, value, unit.decimals, status, *around)


def build_trend_chart(kpi: Body, reader: Reader) -> ChartTile | None:
    """The last periods as a line, and how it goes on."""
    sparkline = kpi.get("sparkline") or {}
    points = sparkline.get("points") or ()
    if sum(point["value"] is not None for point in points) < 2:
        return None
    unit = reader.unit(kpi["unit"])
    values = tuple(point["value"] for point in points)
    expected = read_expected(sparkline.get("expected"), unit, reader)
    targets = [point.get("target") for point in points]
    if _is_growing(kpi) and kpi["target"]:  # as of its status
        targets[-1] = kpi["target"]
    known = [target for target in targets if target is not None]
    return ChartTile(
        title=kpi["name"],
        categories=tuple(point["label"] for point in points),
        series=(Series(kpi["name"], values, expected=expected),),
        targets=tuple(targets),
        target_text=reader.short(known[-1], unit) if known else "",
        is_running=bool(sparkline.get("running")),
        **read_coming(sparkline, reader),
    )


def build_lead_chart(kpi: Body, reader: Reader) -> ChartTile | None:
    """The last periods of a KPI with a scale and numbers, to be shown alone."""
    trend = build_trend_chart(kpi, reader)
    if not trend:
        return None
    unit, (series,) = reader.unit(kpi["unit"]), trend.series
    texts = tuple(reader.short(value, unit) for value in series.values)
    chart = replace(trend, series=(replace(series, texts=texts),))
    return add_ticks(chart, unit, reader, has_zero=False)


def read_targets(
    targets: Sequence[float | None], unit: Unit, reader: Reader
) -> dict[str, Any]:
    """Levels of a chart, and what stands at their end, as ``ChartTile`` takes them."""
    known = [target for target in targets if target is not None]
    if not known:
        return {}
    text = f"{reader.words['target']} {reader.short(known[-1], unit)}"
    return {"targets": tuple(targets), "target_text": text}


def read_coming(chart: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """The periods with which a chart goes on, as ``ChartTile`` takes them."""
    coming = chart.get("coming")
    if not coming:
        return {}
    return {
        "coming": tuple(coming["categories"]),
        "coming_text": reader.words["expected"],
    }


def read_expected(
    found: dict[str, Any] | None, unit: Unit, reader: Reader
) -> Expected | None:
    """What is expected of a series, with its texts."""
    if not found:
        return None
    values, lows, highs = (tuple(found[name]) for name in ("values", "lows", "highs"))
    texts = []
    for row in zip(values, lows, highs, strict=True):
        value, low, high = (reader.short(each, unit) for each in row)
        said = {"value": value, "low": low, "high": high}
        is_whole = all(said.values())
        texts.append(reader.words["expected_range"] % said if is_whole else value)
    return Expected(values, lows, highs, tuple(texts))


def _is_growing(kpi: Body) -> bool:
    """Whether the value still adds up, so that its target does too."""
    return bool(kpi.get("is_running")) and kpi.get("aggregation_time") == "sum"


def _compare(name: str, kpi: Body, unit: Unit, reader: Reader) -> str:
    """The value beside its ``target``, the ``previous`` one or that of last ``year``.

    What still grows is not compared with a whole period, which is named.
    """
    words, earlier = reader.words, kpi.get("year_before")
    if name == "target":
        return _vs_target(kpi, unit, reader)[1]
    label = words["year_ago"]
    if name == "previous":
        points = (kpi.get("sparkline") or {}).get("points") or ()
        # The last point is of the value itself, drawn or not.
        known = [point["label"] for point in points[:-1] if point["value"] is not None]
        shown = (kpi.get("period") or {}).get("label") or ""
        label = known and _without_year(known[-1], shown) or words["before"]
        earlier = kpi["previous"]
    if earlier is None:
        return words["new"] if name == "previous" else ""
    if not is_comparable(kpi.get("aggregation_time"), bool(kpi.get("is_running"))):
        return f"{label}: {compact(reader.table, earlier, unit)}"
    if kpi["value"] == earlier:
        return words["same_as"] % label
    text = change(reader.table, kpi["value"], earlier, unit)
    return words["vs_period"] % {"change": text, "period": label}


def _without_year(label: str, shown: str) -> str:
    """The name of a period without the year, if that of the one shown is the same.

    As ``static/src/card/card_record.js`` of ``kpi_tracking`` does.
    """
    ends = label.split(SPAN)
    years = {found and found[1] for found in map(YEAR.search, [shown, *ends])}
    if None in years or len(years) > 1:
        return label
    return SPAN.join(YEAR.sub("", end) for end in ends)


def _vs_target(kpi: Body, unit: Unit, reader: Reader) -> tuple[str, str]:
    """The distance to the target, with its sign and in words; empty if unknown."""
    nothing = "", ""
    if kpi["status"] in UNJUDGED:
        return nothing
    if kpi.get("direction") == "range":
        low, high = kpi.get("low"), kpi.get("high")
        if low is None or high is None or _is_growing(kpi):
            return nothing
        if low <= kpi["value"] <= high:
            return "", reader.words["within_range"]
        is_below = kpi["value"] < low
        beyond = kpi["value"] - (low if is_below else high)
        text = distance(reader.table, abs(beyond), unit)
        pattern = reader.words["below_range" if is_below else "above_range"]
        return add_sign(reader.table, beyond, text), pattern % text
    if kpi["target"] is None:
        return nothing
    if _is_growing(kpi) and not float(kpi["target"]).is_integer():
        unit = replace(unit, decimals=max(unit.decimals, 1))
    text = change(reader.table, kpi["value"], kpi["target"], unit)
    pattern = "vs_target_so_far" if _is_growing(kpi) else "vs_target"
    return text, reader.words[pattern] % text


_SHOW: dict[str, Callable[[ShownTile, Body, Reader], ShownTile]] = {
    "gauge": _show_gauge,
    "card": _show_card,
    "scatter": _show_scatter,
    **dict.fromkeys(("pie", "doughnut", "funnel", "waterfall"), _show_parts),
    **dict.fromkeys(
        ("line", "bar", "area", "stacked", "radar", "heatmap", "table"), _show_chart
    ),
}
