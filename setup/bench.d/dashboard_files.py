"""A dashboard of 50 tiles as a PDF, beside reading its numbers; PNG and XLSX too; and
our JavaScript that browsers fetch: with Odoo's own, and where a screen needs it."""

import gzip
import io
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from _harness import Bench, DifferentResults, Figure, case
from _kpis import track

try:
    from pypdf import PdfReader
except ImportError:  # Python 3.12 and older: Odoo asks for its predecessor
    from PyPDF2 import PdfReader

TILES, PERIODS = 50, 12
SUMMED = {"aggregation_time": "sum"}
KINDS = ("gauge", "card", "line", "bar", "area", "table")
OURS = ("/kpi_base/", "/kpi_tracking/", "/kpi_tracking_dashboard/")
BUNDLES = {  # name of the figure → bundles, most KB of all of them
    "eager": (["web.assets_backend"], 15),
    "lazy": (
        [
            "kpi_tracking_dashboard.assets_dashboard",
            "kpi_tracking.assets_home",
            "kpi_tracking.assets_screens",
        ],
        105,
    ),
}


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
    kpis = track(env, TILES, "File", months=PERIODS, target=100.0, **SUMMED)
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


def _check(dashboard: Any, answer: dict) -> None:
    """Whether every tile stands in the PDF."""
    _name, content = dashboard._file("pdf", answer)
    pages = PdfReader(io.BytesIO(content)).pages
    words = " ".join(page.extract_text() for page in pages)
    missing = [tile["title"] for tile in answer["tiles"] if tile["title"] not in words]
    states = {tile["state"] for tile in answer["tiles"]}
    if missing or states != {"ok"}:
        raise DifferentResults(f"Not in the PDF: {missing}; states: {states}")


@case("engine", group="dashboard")
def dashboard_weight(bench: Bench) -> Iterator[Figure]:
    """Own scripts and templates, minified as Odoo serves them, compressed."""
    for name, (bundles, limit) in BUNDLES.items():
        texts = [_own(bench.env, bundle).encode() for bundle in bundles]
        size = sum(len(gzip.compress(text)) for text in texts) / 1024
        yield Figure(f"own_js_{name}_kb_gzip", size, "KB", float(limit), "<= 1")


def _own(env: Any, bundle: str) -> str:
    assets = env["ir.qweb"]._get_asset_bundle(bundle, css=False)
    scripts = [file for file in assets.javascripts if file.url.startswith(OURS)]
    assets.templates = [file for file in assets.templates if file.url.startswith(OURS)]
    texts = [script.minify() for script in scripts]
    return "\n".join([*texts, assets.generate_xml_bundle()])
