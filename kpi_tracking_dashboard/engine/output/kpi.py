"""The number of one KPI: its headline, status, comparisons and trend.

Says what ``static/src/eager/comparison/comparisons.js`` and the status chip say.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from odoo.addons.kpi_tracking.engine.kpi_text import Unit
from odoo.addons.kpi_tracking.engine.status import STATUS_TONES

from ..drawing.payload import ChartTile, Expected, Series
from .shown import Cell, Headline, Reader, Table

UNJUDGED = {"no_target", "no_data"}
TONES = {**STATUS_TONES, "no_target": "muted", "no_data": "muted"}
FACTS = ("value", "target", "whole", "baseline", "previous", "year_before")
USUAL = ("target", "previous")
MOST_COMPARISONS = 2

Kpi = dict[str, Any]


def headline(
    kpi: Kpi, reader: Reader, comparisons: Sequence[str] | None = None
) -> Headline:
    """The value in three digits, and what it is compared with.

    :param comparisons: of ``target``, ``previous``, ``year``; at most two are shown
    """
    word, tone = status_of(kpi, reader)
    period = (kpi.get("period") or {}).get("label") or ""
    if not kpi["has_value"]:
        return Headline("–", word, tone, period=period)
    unit = reader.unit(kpi["unit"])
    wanted = USUAL if comparisons is None else comparisons
    lines = [_compare(name, kpi, unit, reader) for name in wanted]
    return Headline(
        reader.text.short(kpi["value"], unit),
        status=word,
        tone=tone,
        is_running=bool(kpi.get("is_running")),
        period=period,
        lines=tuple(filter(None, lines))[:MOST_COMPARISONS],
    )


def status_of(kpi: Kpi, reader: Reader) -> tuple[str, str]:
    """Its word and the name of its colour."""
    status = kpi["status"] or "no_data"
    tone = TONES[status]
    word = reader.words[kpi.get("band") or status]
    is_open = kpi.get("is_running") and tone != "muted"
    return (reader.words["so_far"] % word if is_open else word), tone


def facts(kpi: Kpi, reader: Reader) -> Table:
    """All that is known of its latest value; what is not is left out."""
    words, unit = reader.words, reader.unit(kpi["unit"])
    known = [(name, kpi.get(name)) for name in FACTS]
    rows = [
        (Cell(words[name]), value_cell(value, unit, reader))
        for name, value in known
        if value is not None and (name != "value" or kpi["has_value"])
    ]
    if kpi["status"] not in UNJUDGED and kpi.get("achievement") is not None:
        reached = reader.text.achievement(kpi["achievement"])
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
        return Cell(reader.text.rounded(value, unit), status=status)
    text, around = reader.text.rounded(value, unit), reader.text.symbols(unit)
    return Cell(text, value, unit.decimals, status, *around)


def build_trend_chart(kpi: Kpi, reader: Reader) -> ChartTile | None:
    """The last periods as a line, and how it goes on."""
    sparkline = kpi.get("sparkline") or {}
    points = sparkline.get("points") or ()
    if sum(point["value"] is not None for point in points) < 2:
        return None
    unit = reader.unit(kpi["unit"])
    values = tuple(point["value"] for point in points)
    expected = read_expected(sparkline.get("expected"), unit, reader)
    return ChartTile(
        title=kpi["name"],
        categories=tuple(point["label"] for point in points),
        series=(Series(kpi["name"], values, expected=expected),),
        targets=tuple(point.get("target") for point in points),
        is_running=bool(sparkline.get("running")),
        **read_coming(sparkline, reader),
    )


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


def _is_growing(kpi: Kpi) -> bool:
    """Whether the value still adds up, so that its target does too."""
    return bool(kpi.get("is_running")) and kpi.get("aggregation_time") == "sum"


def _compare(name: str, kpi: Kpi, unit: Unit, reader: Reader) -> str:
    """The value beside its ``target``, the ``previous`` one or that of last ``year``.

    A sum that still grows is not compared with a whole period, which is named.
    """
    words, earlier = reader.words, kpi.get("year_before")
    if name == "target":
        return _vs_target(kpi, unit, reader)
    label = words["year_ago"]
    if name == "previous":
        points = (kpi.get("sparkline") or {}).get("points") or ()
        known = [point["label"] for point in points if point["value"] is not None]
        label = len(known) > 1 and known[-2] or words["before"]
        earlier = kpi["previous"]
    if earlier is None:
        return words["new"] if name == "previous" else ""
    if _is_growing(kpi):
        return f"{label}: {reader.text.short(earlier, unit)}"
    if kpi["value"] == earlier:
        return words["same_as"] % label
    change = reader.text.change(kpi["value"], earlier, unit)
    return words["vs_period"] % {"change": change, "period": label}


def _vs_target(kpi: Kpi, unit: Unit, reader: Reader) -> str:
    if kpi["status"] in UNJUDGED:
        return ""
    if kpi.get("direction") == "range":
        low, high = kpi.get("low"), kpi.get("high")
        if low is None or high is None or _is_growing(kpi):
            return ""
        if kpi["value"] < low:
            distance = reader.text.distance(low - kpi["value"], unit)
            return reader.words["below_range"] % distance
        if kpi["value"] > high:
            distance = reader.text.distance(kpi["value"] - high, unit)
            return reader.words["above_range"] % distance
        return reader.words["within_range"]
    if kpi["target"] is None:
        return ""
    if _is_growing(kpi) and not float(kpi["target"]).is_integer():
        unit = replace(unit, decimals=max(unit.decimals, 1))
    change = reader.text.change(kpi["value"], kpi["target"], unit)
    pattern = "vs_target_so_far" if _is_growing(kpi) else "vs_target"
    return reader.words[pattern] % change
