"""A dashboard beside one of Odoo's spreadsheets with the same 50 figures.

Within the web client, both warm: from the click to the frame in which the last of 50
figures is painted. The window is as high as both, as a spreadsheet draws only what is
seen.
"""

import json
import statistics
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from dateutil.relativedelta import relativedelta

from _harness import Bench, DifferentResults, Figure, case
from _server import START_SECONDS, server
from dashboard_data import KINDS, _dashboard, _kpis
from devtools import Browser
from screenshots import session

LEAST_TURNS = 5
WINDOW = (1440, 6000)
PERIODS = 12
PER_ROW, WIDTH, HEIGHT = 4, 330, 200  # of the spreadsheet's figures, in pixels
# What stands in the spreadsheet for a kind of tile; there are no others.
CHARTS = {
    "gauge": "gauge",
    "trend": "scorecard",
    "line": "line",
    "area": "line",
    "pie": "pie",
    "doughnut": "pie",
}
OURS = ".o_kpi_tile_canvas canvas"
THEIRS = ".o-figure canvas"
# Milliseconds until so many charts have their numbers, and the last values of these.
OPEN = """
(async () => {
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await action.doAction("base.action_partner_form", { clearBreadcrumbs: true,
        additionalContext: { search_default_name: "nobody is called so" } });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const isNumber = (value) => Number.isFinite(value) || Array.isArray(value);
    const charts = () => [...document.querySelectorAll("%(css)s")]
        .map((canvas) => window.Chart && Chart.getChart(canvas))
        .filter((chart) => chart?.data.datasets[0]?.data.some(isNumber));
    const figures = () => document.querySelectorAll("%(figure)s").length;
    const start = performance.now();
    await action.doAction(%(action)s, { clearBreadcrumbs: true });
    while (figures() < %(count)s || charts().length < %(charts)s) {
        if (performance.now() - start > 60000) {
            return { figures: figures(), charts: charts().length };
        }
        await frame();
    }
    await frame(); await frame();
    const milliseconds = performance.now() - start;
    const lasts = charts().filter(({ config }) => config.type === "line")
        .map((chart) => chart.data.datasets[0].data.at(-1));
    return { milliseconds, lasts };
})()
"""


@case("engine", group="dashboard")
def dashboard_spreadsheet(bench: Bench) -> Iterator[Figure]:
    """Milliseconds of a spreadsheet with 50 figures, beside those of a dashboard."""
    kpis = _kpis(bench.env)
    board = _dashboard(bench.env, kpis, len(KINDS))
    sheet = _spreadsheet(bench.env, kpis)
    bench.env.cr.commit()
    charts = sum(kind not in ("gauge", "trend", *NO_CANVAS) for kind in KINDS)
    drawn = sum(_chart_type(kind) not in ("gauge", "scorecard") for kind in KINDS)
    screens = {
        "dashboard": (_client("kpi_tracking_dashboard.dashboard", board), OURS, charts),
        "spreadsheet": (_client("action_spreadsheet_dashboard", sheet), THEIRS, drawn),
    }
    with server(bench.database) as url, Browser(*WINDOW) as browser:
        _log_in(browser, url)
        seconds: dict[str, list[float]] = {name: [] for name in screens}
        for turn in range(max(bench.repeat, LEAST_TURNS) + 1):
            lasts = {}
            for name, screen in screens.items():
                answer = _opened(browser, *screen)
                lasts[name] = sorted(answer["lasts"])
                if turn:  # the first one fetches what is kept
                    seconds[name].append(answer["milliseconds"])
            _check(lasts)
        if browser.errors:
            raise DifferentResults(f"The browser says: {browser.errors[0]}")
    ours, theirs = map(statistics.median, seconds.values())
    name = "spreadsheet_dashboard_vs_dashboard"
    yield Figure(name, theirs, "ms", ours, ">= 2")


NO_CANVAS = ("table", "heatmap", "ranking")


def _chart_type(kind: str) -> str:
    return CHARTS.get(kind, "bar")


def _client(tag: str, record: Any) -> str:
    params = {"dashboard_id": record.id}
    action = {"type": "ir.actions.client", "tag": tag, "params": params}
    return json.dumps(action)


def _spreadsheet(env: Any, kpis: Any) -> Any:
    """The value of each KPI in each month by a pivot, and a figure of each KPI."""
    last = date.today().replace(day=1)
    months = [last - relativedelta(months=back) for back in reversed(range(PERIODS))]
    content = {
        "version": "18.4.14",
        "sheets": [
            {
                "id": "figures",
                "name": "Figures",
                "colNumber": 26,
                "rowNumber": 200,
                "cells": {},
                "figures": [_figure(place, kind) for place, kind in enumerate(KINDS)],
                "areGridLinesVisible": False,
            },
            _values(kpis, months),
        ],
        "pivots": {"1": _pivot(kpis, months)},
        "pivotNextId": 2,
        "lists": {},
        "globalFilters": [],
        "revisionId": "START_REVISION",
    }
    group = env["spreadsheet.dashboard.group"].search([], limit=1)
    return env["spreadsheet.dashboard"].create(
        {
            "name": "Bench",
            "dashboard_group_id": group.id,
            "spreadsheet_data": json.dumps(content),
        }
    )


def _pivot(kpis: Any, months: list[date]) -> dict[str, Any]:
    return {
        "type": "ODOO",
        "id": "1",
        "formulaId": "1",
        "name": "Values",
        "model": "kpi.measurement",
        "domain": [
            ["report_id", "in", kpis.ids],
            ["grain", "=", "month"],
            ["period_start", ">=", months[0].isoformat()],
        ],
        "context": {},
        "measures": [{"id": "value:avg", "fieldName": "value", "aggregator": "avg"}],
        "rows": [{"fieldName": "report_id"}],
        "columns": [{"fieldName": "period_start", "granularity": "month"}],
        "sortedColumn": None,
    }


def _values(kpis: Any, months: list[date]) -> dict[str, Any]:
    """A row for each month, a column for each KPI; months are named in column A."""
    cells = {f"A{row}": f"{each:%b %Y}" for row, each in enumerate(months, 1)}
    for place, kpi in enumerate(kpis):
        for row, month in enumerate(months, 1):
            spot = f"{_column(place + 1)}{row}"
            cells[spot] = (
                f'=PIVOT.VALUE(1,"value:avg","report_id",{kpi.id},'
                f'"period_start:month","{month:%m/%Y}")'
            )
    return {
        "id": "values",
        "name": "Values",
        "colNumber": len(kpis) + 1,
        "rowNumber": PERIODS,
        "cells": cells,
        "figures": [],
    }


def _column(place: int) -> str:
    """A, B, … Z, AA …"""
    more, letter = divmod(place, 26)
    return (chr(64 + more) if more else "") + chr(65 + letter)


def _figure(place: int, kind: str) -> dict[str, Any]:
    row, column = divmod(place, PER_ROW)
    return {
        "id": f"figure-{place}",
        "tag": "chart",
        "col": 0,
        "row": 0,
        "offset": {"x": column * (WIDTH + 10), "y": row * (HEIGHT + 10)},
        "width": WIDTH,
        "height": HEIGHT,
        "data": _chart(place, kind),
    }


def _chart(place: int, kind: str) -> dict[str, Any]:
    column = _column(place + 1)
    last = f"Values!{column}{PERIODS}"
    chart_type = _chart_type(kind)
    head = {"type": chart_type, "title": {"text": f"Bench {place}"}}
    if chart_type == "scorecard":
        before = f"Values!{column}{PERIODS - 1}"
        return {
            **head,
            "keyValue": last,
            "baseline": before,
            "baselineMode": "percentage",
            "baselineColorDown": "#DC6965",
            "baselineColorUp": "#00A04A",
            "humanize": True,
        }
    if chart_type == "gauge":
        return {**head, "dataRange": last, "sectionRule": SECTIONS}
    return {
        **head,
        "dataSets": [{"dataRange": f"Values!{column}1:{column}{PERIODS}"}],
        "dataSetsHaveTitle": False,
        "labelRange": f"Values!A1:A{PERIODS}",
        "labelsAsText": True,
        "legendPosition": "none",
        "aggregated": False,
        "stacked": False,
        "fillArea": kind == "area",
    }


SECTIONS = {
    "colors": {
        "lowerColor": "#cc0000",
        "middleColor": "#f1c232",
        "upperColor": "#6aa84f",
    },
    "rangeMin": "0",
    "rangeMax": "1000",
    "lowerInflectionPoint": {"type": "number", "value": "400", "operator": "<="},
    "upperInflectionPoint": {"type": "number", "value": "500", "operator": "<="},
}


def _log_in(browser: Browser, url: str) -> None:
    cookie = {"value": session(url, "admin", "admin"), "path": "/"}
    domain = urlsplit(url).hostname
    browser.call("Network.setCookie", name="session_id", domain=domain, **cookie)
    browser.call("Page.navigate", url=f"{url}/odoo")
    browser.wait_for(".o_action_manager > *", START_SECONDS)


def _opened(browser: Browser, action: str, css: str, charts: int) -> dict[str, Any]:
    figure = ".o_kpi_tile" if css == OURS else ".o-figure"
    values = {
        "action": action,
        "css": css,
        "figure": figure,
        "charts": charts,
        "count": len(KINDS),
    }
    answer = browser.call(
        "Runtime.evaluate",
        expression=OPEN % values,
        awaitPromise=True,
        returnByValue=True,
    )
    if "exceptionDetails" in answer:
        raise DifferentResults(str(answer["exceptionDetails"].get("exception")))
    value = answer["result"]["value"]
    if "milliseconds" not in value:
        raise DifferentResults(f"{figure}: {value} of {len(KINDS)} and {charts}")
    return value


def _check(lasts: dict[str, list[float]]) -> None:
    """The lines of both end in the same numbers."""
    ours, theirs = lasts.values()
    if not ours or ours != theirs:
        raise DifferentResults(f"Lines end in {ours} and in {theirs}.")
