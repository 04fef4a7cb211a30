"""An answer of ``kpi.dashboard.data`` with a tile of every kind, and its reader."""

from odoo.addons.kpi_base.engine.formatting import WORDS, Currency, Unit, language_table

from ...engine.output.shown import Reader

EURO = {"kind": "currency", "decimals": 0, "currencyId": 1, "symbol": ""}
COUNT = {"kind": "number", "decimals": 0, "symbol": ""}
PERCENT = {"kind": "percent", "decimals": 1, "symbol": ""}
MONTHS = ["May", "Jun", "Jul", "Aug", "Sep", "Oct"]
HOSTILE = '=HYPERLINK("http://x.example")<script>alert(1)</script>'
ENGLISH = {
    **WORDS,
    "on_target": "On track",
    "at_risk": "At risk",
    "off_target": "Off track",
    "no_target": "No target",
    "no_data": "No data",
    "so_far": "%s so far",
    "count_on_target": "%s on track",
    "count_at_risk": "%s at risk",
    "count_off_target": "%s off track",
    "vs_target": "%s vs target",
    "vs_target_so_far": "%s vs target to date",
    "below_range": "%s below the range",
    "above_range": "%s above the range",
    "within_range": "within the range",
    "vs_period": "%(change)s vs %(period)s",
    "new": "new",
    "before": "before",
    "unavailable": "Not available",
    "same_as": "same as %s",
    "left_out": "These records appear on screen only.",
    "screen_only": "This tile appears on screen only.",
    "stale": "Stale",
    "certified": "Certified",
    "review": "To review",
    "nothing": "Nothing needs attention.",
    "more": "and %s more",
    "negative": "Negative values cannot be shown as shares.",
    "scope": "For",
    "part": "Part",
    "period": "Period",
    "value": "Value",
    "target": "Target",
    "whole": "Full-period target",
    "baseline": "Start",
    "previous": "Previous Period",
    "year_before": "Same Period Last Year",
    "year_ago": "same period last year",
    "overdue": "Overdue",
    "kpi": "KPI",
    "date": "Date",
    "achievement": "Achievement",
    "status": "Status",
    "share": "Share",
    "expected": "Expected",
    "expected_low": "Low (80%)",
    "expected_high": "High (80%)",
    "expected_range": "%(value)s (%(low)s – %(high)s)",
    "coming": "%s (forecast)",
    "being_updated": "Forecasts are being updated",
}


def reader(*, is_rtl=False, **words):
    def unit(given):
        currency = Currency("€") if given.get("currencyId") else None
        return Unit(given["kind"], given["decimals"], given.get("symbol", ""), currency)

    known = {**ENGLISH, **words}
    table = {**language_table("en_US", is_rtl=is_rtl), "words": known}
    return Reader(table, known, unit, lambda day: f"day {day[:10]}")


def kpi(**values):
    given = {
        "report_id": 7,
        "name": "Won Revenue",
        "scope": "North",
        "unit": EURO,
        "value": 82431.2,
        "has_value": True,
        "target": 100000.0,
        "whole": None,
        "baseline": None,
        "previous": 79000.0,
        "year_before": 60000.0,
        "achievement": 82.4312,
        "status": "at_risk",
        "band": None,
        "is_running": False,
        "direction": "higher",
        "aggregation_time": "sum",
        "last_measured_at": "2026-11-01T06:00:00Z",
        "who": "",
        "period": {"start": "2026-10-01", "label": "October 2026"},
        "sparkline": {
            "running": False,
            "points": [
                {"label": label, "value": value, "target": 100000.0}
                for label, value in zip(
                    MONTHS, [61000, 72000, None, 70500, 79000, 82431.2], strict=True
                )
            ],
        },
    }
    return {**given, **values}


GAUGE = {
    "style": "circular",
    "animated": True,
    "low": 0.0,
    "high": 120000.0,
    "zones": [
        {"from": None, "to": 80000.0, "color": "danger"},
        {"from": 80000.0, "to": 95000.0, "color": "warning"},
        {"from": 95000.0, "to": None, "color": "success"},
    ],
    "value": 82431.2,
    "target": 100000.0,
    "whole": None,
    "baseline": 40000.0,
    "previous": 79000.0,
}


def series(name, values, **others):
    given = {"name": name, "report_id": 7, "values": values, "targets": None}
    return {**given, "statuses": [], "part": None, **others}


def chart(*rows, is_running=False):
    starts = [f"2026-{month:02}-01" for month in range(5, 11)]
    return {
        "unit": COUNT,
        "categories": MONTHS,
        "starts": starts,
        "series": list(rows),
        "is_running": is_running,
    }


def parts(*values, **others):
    total = sum(value for _name, value in values)
    rows = [
        {
            "name": name,
            "key": name,
            "value": value,
            "share": value / total if total else None,
            "is_total": False,
        }
        for name, value in values
    ]
    return {"unit": COUNT, "total": total, "rows": rows, **others}


def tile(kind, title=None, **body):
    given = {
        "id": 1,
        "kind": kind,
        "title": kind.capitalize() if title is None else title,
        "span": 4,
        "height": 2,
        "state": "ok",
        "message": "",
        "report_ids": [7],
        "is_stale": False,
        "as_of": None,
        "notes": [],
    }
    return {**given, **body}


ONE = series("Won", [12.0, 15.0, None, 9.0, 21.0, 18.0], targets=[14.0] * 6)
TWO = series("Lost", [4.0, 6.0, 3.0, 8.0, 2.0, 5.0])
SOURCES = (("Web", 120.0), ("Fairs", 60.0), ("Partners", 20.0))
NOTE = {"id": 1, "date": "2026-08-03", "place": 3, "text": "Strike", "who": "A. Roy"}


def card(style, kpi=None, **body):
    look = {"style": style, "icon": "target", "comparisons": ["target", "year"]}
    return tile("card", f"Card {style}", card={**look, **body}, kpi=kpi, span=3)


def tiles():
    """One of every kind and style."""
    ranked = [kpi(), kpi(scope="South", value=55000.0, status="off_target")]
    late = {"kind": "overdue", "text": "Visits", "report_id": 3, "date": "2026-11-05"}
    step = parts(("Start", 100.0), ("New", 40.0), ("Lost", -25.0), ("End", 115.0))
    step["rows"][3]["is_total"] = True
    points = [{"name": "North", "x": 3.0, "y": 40.0}, {"name": "South", "x": 5, "y": 9}]
    found = [
        tile("gauge", "Won Revenue", kpi=kpi(), gauge=GAUGE, span=3),
        card("metric", kpi=kpi()),
        card("trend", kpi=kpi()),
        card("comparison", rows=ranked),
        card("alert", items=[late], count=3),
        tile("line", chart=chart(ONE), notes=[NOTE]),
        tile("bar", chart=chart(ONE, TWO)),
        tile("area", chart=chart(TWO)),
        tile("stacked", chart=chart(ONE, TWO, is_running=True)),
        tile("radar", chart=chart(ONE)),
        tile("heatmap", chart=chart(ONE, TWO), span=6),
        tile("table", chart=chart(ONE, TWO), span=6),
        tile("scatter", chart={"units": [COUNT, PERCENT], "points": points}),
        tile("pie", parts=parts(*SOURCES)),
        tile("doughnut", parts=parts(*SOURCES)),
        tile("funnel", parts=parts(*SOURCES)),
        tile("waterfall", parts=step, span=6),
        tile("text", HOSTILE, html="<p>Read <b>this</b> first &amp; then that</p>"),
        tile("view", "Open Deals", state="lazy"),
        tile("line", "Not available", state="unavailable"),
        tile("bar", "Nothing yet", state="no_data"),
    ]
    return [{**each, "id": number} for number, each in enumerate(found, 1)]


def answer(*chosen):
    dashboard = {"id": 5, "name": "Sales", "description": "", "revision": 1}
    return {"dashboard": dashboard, "tiles": list(chosen) or tiles()}
