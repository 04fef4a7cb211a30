"""``setup/screenshots``: pictures of a running Odoo, as somebody sees it."""

import argparse
import json
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import requests
from PIL import Image, PngImagePlugin

from odoo.tools import file_path

from addons import ROOT
from devtools import Browser, BrowserError
from odoo_environment import load_odoo

DESKTOP = (1440, 900)
PHONE = (390, 844)
# any view, client action, public page or description of REST that has been drawn
DRAWN = ".o_action_manager > *, main, .o_login_auth, .opblock"
APP = "{}/static/description/{}.png"
DOCS = "docs/images/{}.png"
# of the demo company: path, file, as whom
SHOTS = (
    ("/odoo", DOCS.format("first-screen-phone"), "admin"),
    ("/odoo/deals/1", DOCS.format("deal-phone"), "admin"),
    ("/api/kpi/docs", APP.format("kpi_base", "rest-interface"), "admin"),
    ("/odoo/kpi-audit-log", APP.format("kpi_base", "audit-log"), "admin"),
    ("/odoo", APP.format("kpi_tracking", "overview"), "admin"),
    ("/odoo/kpi-gallery", APP.format("kpi_tracking", "gallery"), "admin"),
    (
        "/odoo/kpi-dashboard/1",
        APP.format("kpi_tracking_dashboard", "dashboard"),
        "admin",
    ),
    (
        "/odoo/kpi-ready-dashboards",
        APP.format("kpi_tracking_dashboard", "ready-dashboards"),
        "admin",
    ),
    (
        "/odoo/kpi-dashboard/3",
        APP.format("kpi_bi_dashboard", "executive_dashboard"),
        "admin",
    ),
    (
        "/odoo/kpi-forecasts",
        APP.format("kpi_tracking_analytics", "forecasts"),
        "demo.manager",
    ),
    (
        "/odoo/kpi-alerts/1",
        APP.format("kpi_tracking_alert", "alert"),
        "demo.officer",
    ),
    (
        "/odoo/kpi-discussions/1",
        APP.format("kpi_tracking_collaboration", "discussion"),
        "demo.officer",
    ),
    (
        "/odoo/calendar",
        APP.format("kpi_tracking_calendar", "calendar"),
        "demo.manager",
    ),
    ("/odoo/tat-queue", APP.format("kpi_workflow_tat", "queue"), "demo.manager"),
    (
        "/odoo/achievements",
        APP.format("kpi_gamification", "achievements"),
        "demo.manager",
    ),
    ("/odoo/initiatives", APP.format("kpi_benefits", "initiatives"), "demo.officer"),
    ("/odoo/deals", APP.format("kpi_deal_pipeline", "pipeline"), "admin"),
    ("/odoo/deals/1", APP.format("kpi_deal_pipeline", "deal"), "admin"),
    (
        "/odoo/deal-billings",
        APP.format("kpi_deal_pipeline_account", "billings"),
        "admin",
    ),
    ("/odoo", APP.format("kpi_demo", "head-of-sales"), "demo.manager"),
    ("/odoo", APP.format("kpi_tracking_migration", "overview"), "demo.officer"),
    (
        "/odoo/kpi-integrations/new",
        APP.format("kpi_tracking_integration", "integration"),
        "admin",
    ),
    ("/odoo/kpi-alerts", DOCS.format("alerts"), "demo.officer"),
    ("/odoo/my-approvals", DOCS.format("approvals"), "demo.manager"),
    ("/odoo/kpi-coaching", DOCS.format("coaching"), "demo.manager"),
    ("/odoo/deal-commissions", DOCS.format("commissions"), "admin"),
    ("/odoo/kpi-definitions/1", DOCS.format("definition"), "demo.officer"),
    ("/odoo/kpi-entry-grid", DOCS.format("entry-grid"), "demo.officer"),
    ("/odoo/kpi-gauges", DOCS.format("gauges"), "demo.officer"),
    ("/odoo/kpi-import/new", DOCS.format("import"), "demo.officer"),
    ("/odoo/kpi-by-period", DOCS.format("kpis-by-period"), "demo.officer"),
    ("/odoo/scorecards", DOCS.format("scorecards"), "demo.officer"),
    ("/odoo/kpi-targets", DOCS.format("targets"), "demo.officer"),
    ("/odoo/approval-times", DOCS.format("approval-times"), "demo.officer"),
)
PASSWORDS = {"demo.manager": "demo", "demo.officer": "demo"}
COLOURS = 256
# folder of all screens: size, whether of a phone, what the device prefers
LOOKS = {
    "desktop": (DESKTOP, False, "light"),
    "dark": (DESKTOP, False, "dark"),
    "phone": (PHONE, True, "light"),
}
# names of the suite's menus that open something, and paths of that; each path once
MENUS = """
    Object.entries(Object.fromEntries(
        odoo.__WOWL_DEBUG__.root.env.services.menu.getAll()
            .filter((menu) => menu.actionID && menu.xmlid?.startsWith("kpi_"))
            .map((menu) => [`/odoo/action-${menu.actionID}`, menu.xmlid])
    ))
"""
# names of the entries in the bar of the app that is open; null outside the web client
BAR = """
    (() => {
        const menu = globalThis.odoo?.__WOWL_DEBUG__?.root.env.services.menu;
        const app = menu?.getCurrentApp();
        return app
            ? menu.getMenuAsTree(app.id).childrenTree.map(({ name }) => name)
            : null;
    })()
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include><dir>{}</dir></fontconfig>
"""
RECORD = ":is(.o_data_row .o_data_cell, .o_kanban_record:not(.o_kanban_ghost))"
# of a screen with records; whether there is one, not a sample
OPEN_RECORD = f"""
    (() => {{
        const record = document.querySelector(
            "{RECORD}:not(.o_view_sample_data *)"
        );
        record?.click();
        return Boolean(record);
    }})()
"""


def main() -> None:
    options = _parse()
    _use_roboto()
    if options.screens:
        for look in LOOKS:
            _take_screens(options, look)
        return
    if options.path:
        _take(options, options.path, options.file, options.phone)
        return
    for path, name, login in SHOTS:
        options.login, options.password = login, PASSWORDS.get(login)
        file = ROOT / name
        bar = _take(options, path, file, file.stem.endswith("-phone"))
        texts = PngImagePlugin.PngInfo()
        if bar:
            # by which a test finds pictures that are older than the menus
            texts.add_text("Bar", json.dumps({"login": login, "entries": bar}))
        with Image.open(file) as picture:
            small = picture.convert("RGB").quantize(COLOURS)
        small.save(file, optimize=True, pnginfo=texts)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("path", nargs="?")
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--screens", type=Path)
    parser.add_argument("--phone", action="store_true")
    parser.add_argument("--login", default="admin")
    parser.add_argument("--password")
    parser.add_argument("--wait", default=DRAWN)
    parser.add_argument("--size", type=_size)
    parser.add_argument("--url", default="http://localhost:8069")
    options = parser.parse_args()
    if options.path and not options.file:
        parser.error("say where to save the picture")
    return options


def _size(text: str) -> tuple[int, int]:
    width, height = text.split("x")
    return int(width), int(height)


def _use_roboto() -> None:
    """Give the browser a face that people have; Odoo brings it along."""
    load_odoo()
    folder = Path(file_path("web/static/fonts/google/Roboto/Roboto-Regular.ttf")).parent
    settings = Path(os.environ["KPI_HOME"], "tmp", "fonts.conf")
    settings.write_text(FONTS.format(folder), encoding="utf-8")
    os.environ["FONTCONFIG_FILE"] = str(settings)


def _take(
    options: argparse.Namespace, path: str, file: Path, is_phone: bool
) -> list[str] | None:
    """:return: what the bar of the app names"""
    size = options.size or (PHONE if is_phone else DESKTOP)
    with Browser(*size, is_phone=is_phone) as browser:
        _log_in(browser, options)
        browser.call("Page.navigate", url=options.url + path)
        try:
            browser.wait_for(options.wait)
            bar = browser.evaluate(BAR)
        finally:
            # what is there shows best what is wrong
            browser.picture(file)
            for error in browser.errors:
                print(f"console: {error}", file=sys.stderr)
    print(file)
    return bar


def _log_in(browser: Browser, options: argparse.Namespace) -> None:
    password = options.password or options.login
    browser.call(
        "Network.setCookie",
        name="session_id",
        value=session(options.url, options.login, password),
        domain=urlsplit(options.url).hostname,
        path="/",
    )


def _take_screens(options: argparse.Namespace, look: str) -> None:
    size, is_phone, scheme = LOOKS[look]
    with Browser(*size, is_phone=is_phone) as browser:
        _log_in(browser, options)
        prefers = {"name": "prefers-color-scheme", "value": scheme}
        browser.call("Emulation.setEmulatedMedia", features=[prefers])
        browser.call("Page.navigate", url=f"{options.url}/odoo")
        browser.wait_for(DRAWN)
        for path, menu in browser.evaluate(MENUS):
            file = options.screens / look / f"{menu}.png"
            browser.call("Page.navigate", url=options.url + path)
            browser.wait_for(DRAWN)
            browser.picture(file)
            if browser.evaluate(OPEN_RECORD):
                browser.wait_for(DRAWN)
                browser.picture(file.with_stem(f"{menu}-record"))
            for error in browser.errors:
                print(f"{look}, {menu}: console: {error}", file=sys.stderr)
            browser.errors.clear()
    print(options.screens / look)


def session(url: str, login: str, password: str) -> str:
    """The session of somebody who has just logged in; empty for nobody."""
    if login == "nobody":
        return ""
    client = requests.Session()
    page = client.get(f"{url}/web/login", timeout=60)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    if not token:
        raise BrowserError(f"{url}/web/login shows no login: is Odoo running there?")
    form = {"login": login, "password": password, "csrf_token": token[1]}
    page = client.post(f"{url}/web/login", data=form, timeout=60)
    if "/web/login" in page.url:
        raise BrowserError(f"{login} cannot log in: give the password with --password.")
    return client.cookies["session_id"]


if __name__ == "__main__":
    try:
        main()
    except requests.ConnectionError:
        sys.exit(
            "screenshots: no Odoo answers: start setup/serve, or name one by --url."
        )
    except BrowserError as error:
        sys.exit(f"screenshots: {error}")
