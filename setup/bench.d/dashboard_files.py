"""A dashboard of 50 tiles as a PDF, beside reading its numbers; PNG and XLSX too."""

import io
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from typing import Any

from _harness import Bench, DifferentResults, Figure, case

try:
    from pypdf import PdfReader
except ImportError:  # Python 3.12 and older: Odoo asks for its predecessor
    from PyPDF2 import PdfReader

TILES, PERIODS = 50, 12
KINDS = ("gauge", "card", "line", "bar", "area", "table")


@case("engine", group="dashboard")
def dashboard_files(bench: Bench) -> Iterator[Figure]:
    """Seconds of each file; the reference is the call that a browser makes."""
    dashboard = _dashboard(bench.env)
    answer = dashboard.data({})
    _check(dashboard, answer)
    files = {name: _writer(dashboard, answer, name) for name in ("pdf", "png", "xlsx")}

    def read() -> Any:
        dashboard.env.invalidate_all()
        return dashboard.data({})

    *seconds, reading = bench.measure(*files.values(), read)
    for name, taken in zip(files, seconds, strict=True):
        yield Figure(f"{name}_{TILES}_tiles_s", taken, "s", reading)


def _writer(dashboard: Any, answer: dict, name: str) -> Any:
    return lambda: dashboard._file(name, answer)


def _dashboard(env: Any) -> Any:
    """A tile for each of so many KPIs, with a year of values and a target."""
    kpis = _kpis(env)
    card = env.ref("kpi_tracking_dashboard.kpi_dashboard_card_trend")
    tiles = [
        {
            "kind": kind,
            "card_id": card.id if kind == "card" else False,
            "definition_ids": [(6, 0, kpi.definition_id.ids)],
            "span": 4,
            "height": 2,
            "sequence": place,
        }
        for place, (kpi, kind) in enumerate(zip(kpis, cycle(KINDS), strict=False))
    ]
    return env["kpi.dashboard"].create(
        {"name": "Bench", "tile_ids": [(0, 0, tile) for tile in tiles]}
    )


def _kpis(env: Any) -> Any:
    definitions = env["kpi.definition"].create(
        [
            {
                "name": f"File {number}",
                "code": f"file_{number}",
                "computation": "manual",
                "aggregation_time": "sum",
            }
            for number in range(TILES)
        ]
    )
    kpis = definitions._track_for("company", env.company)
    month, months = env.cr.now().date().replace(day=1), []
    for _number in range(PERIODS):
        month = (month - timedelta(days=1)).replace(day=1)
        months.append(month)
    rows = [
        (kpi.id, month, float(kpi.id % 90 + 10 * month.month))
        for kpi in kpis
        for month in months
    ]
    env["kpi.measurement"]._upsert("month", rows, source="manual")
    env["kpi.target"].create(
        [{"report_id": kpi.id, "date_from": months[-1], "value": 100.0} for kpi in kpis]
    )
    env.flush_all()
    return kpis


def _check(dashboard: Any, answer: dict) -> None:
    """Whether every tile stands in the PDF."""
    _name, content = dashboard._file("pdf", answer)
    pages = PdfReader(io.BytesIO(content)).pages
    words = " ".join(page.extract_text() for page in pages)
    missing = [tile["title"] for tile in answer["tiles"] if tile["title"] not in words]
    states = {tile["state"] for tile in answer["tiles"]}
    if missing or states != {"ok"}:
        raise DifferentResults(f"Not in the PDF: {missing}; states: {states}")
