"""The scripts and styles of the web client, as a browser asks for them.

Each test of a page would make them anew, as what it does is rolled back.
"""

from addons import our_addons

# loaded with the first graph, pivot or calendar
LAZY = ("web.assets_backend_lazy", "web.assets_backend_lazy_dark")
SCRIPTS = (
    "bus.websocket_worker_assets", "web.assets_emoji", "web.assets_tests",
    "web.assets_web", "web.chartjs_lib",
)  # fmt: skip
# the first two also from right to left
STYLES = ("web.assets_web", "web.assets_web_print", "web.assets_web_dark")


def make(env) -> None:
    """Stores those in the database that are not there, or whose files have changed."""
    views = env["ir.qweb"]
    lists = [addon.manifest.get("assets", {}) for addon in our_addons().values()]
    ours = {name for names in lists for name in names if name[:4] == "kpi_"}
    for name in (*SCRIPTS, *LAZY, *sorted(ours)):
        views._get_asset_bundle(name, css=False).js()
    for name in (*STYLES, *LAZY):
        views._get_asset_bundle(name, js=False).css()
    for name in STYLES[:2]:
        views._get_asset_bundle(name, js=False, rtl=True).css()
