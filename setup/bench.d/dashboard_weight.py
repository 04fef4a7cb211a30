"""What browsers fetch of our JavaScript: with Odoo's own, and for dashboards."""

import gzip
from collections.abc import Iterator
from typing import Any

from _harness import Bench, Figure, case

ADDON = "/kpi_tracking/"
EAGER, LAZY = "web.assets_backend", "kpi_tracking.assets_dashboard"
MOST_KB = {EAGER: 15, LAZY: 105}


@case(odoo=True, group="dashboard")
def dashboard_weight(bench: Bench) -> Iterator[Figure]:
    """Own scripts and templates, minified as Odoo serves them, compressed."""
    for name, bundle in (("eager", EAGER), ("lazy", LAZY)):
        size = len(gzip.compress(_own(bench.env, bundle).encode())) / 1024
        limit = float(MOST_KB[bundle])
        yield Figure(f"own_js_{name}_kb_gzip", size, "KB", limit, "<= 1")


def _own(env: Any, bundle: str) -> str:
    assets = env["ir.qweb"]._get_asset_bundle(bundle, css=False)
    scripts = [file for file in assets.javascripts if file.url.startswith(ADDON)]
    assets.templates = [file for file in assets.templates if file.url.startswith(ADDON)]
    texts = [script.minify() for script in scripts]
    return "\n".join([*texts, assets.generate_xml_bundle()])
