"""Our JavaScript that browsers fetch: with Odoo's own, and where a screen needs it."""

import gzip
from collections.abc import Iterator
from typing import Any

from _harness import Bench, Figure, case

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
