"""``setup/screenshots``: pictures of a running Odoo, as somebody sees it."""

import argparse
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import requests

from addons import ROOT
from devtools import Browser, BrowserError

DESKTOP = (1440, 900)
PHONE = (390, 844)
IMAGES = ROOT / "docs" / "images"
# any view, client action or public page that has been drawn
DRAWN = ".o_action_manager > *, main, .o_login_auth"
SHOTS = (  # of the demo company: path, file, whether by phone
    ("/odoo", "first-screen.png", False),
    ("/odoo", "first-screen-phone.png", True),
    ("/odoo/kpi-dashboard/1", "dashboard.png", False),
    ("/odoo/deals", "deals.png", False),
    ("/odoo/deals/1", "deal.png", False),
    ("/odoo/deals/1", "deal-phone.png", True),
)


def main() -> None:
    options = _parse()
    if options.path:
        shots = [(options.path, options.file, options.phone)]
    else:
        shots = [(path, IMAGES / file, is_phone) for path, file, is_phone in SHOTS]
    for path, file, is_phone in shots:
        _take(options, path, file, is_phone)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("path", nargs="?")
    parser.add_argument("file", nargs="?", type=Path)
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


def _take(options: argparse.Namespace, path: str, file: Path, is_phone: bool) -> None:
    size = options.size or (PHONE if is_phone else DESKTOP)
    password = options.password or options.login
    with Browser(*size, is_phone=is_phone) as browser:
        browser.call(
            "Network.setCookie",
            name="session_id",
            value=session(options.url, options.login, password),
            domain=urlsplit(options.url).hostname,
            path="/",
        )
        browser.call("Page.navigate", url=options.url + path)
        try:
            browser.wait_for(options.wait)
        finally:
            # what is there shows best what is wrong
            browser.picture(file)
            for error in browser.errors:
                print(f"console: {error}", file=sys.stderr)
    print(file)


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
