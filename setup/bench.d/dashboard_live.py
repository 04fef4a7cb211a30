"""How soon an open dashboard shows what has changed.

A batch of 1,000 values is committed while 50 connections listen; one of them is a
browser with a dashboard. Time goes from the commit to the frame in which the browser
has painted the new number, its random delay of up to half a second included. Then the
same while all the others ask for their tiles as well, as 50 open dashboards would.
"""

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import requests
import websocket

from odoo.fields import Command

from _calls import awaited, log_in, server
from _harness import Bench, DifferentResults, Figure, case
from devtools import Browser
from screenshots import DESKTOP, session

KPIS = 1000
LISTENERS = 49  # beside the browser
TILES = 8
TURNS = 20
PAUSE = 1.5  # seconds: a screen asks once a second at most
PATIENCE = 30
DELAY = 0.5
# Resolves with the moment at which a text stands on the screen.
SEEN = """
new Promise((resolve) => {
    const painted = () => requestAnimationFrame(() => resolve(Date.now()));
    const look = () => {
        if (document.body.textContent.includes(%s)) {
            requestAnimationFrame(painted);
        } else if (performance.now() < end) {
            requestAnimationFrame(look);
        } else {
            resolve(0);
        }
    };
    const end = performance.now() + 1000 * %s;
    look();
})
"""


@case("engine", group="dashboard")
def live_update(bench: Bench) -> Iterator[Figure]:
    """Seconds from the commit of 1,000 values to the changed pixel, 95th percentile."""
    reports, dashboard = _board(bench.env)
    bench.env.cr.commit()
    with server(bench.database) as url, _screen(url, dashboard) as browser:
        with _listeners(url, bench.env.company, dashboard) as crowd:
            for name, is_asking in (("live_update", False), ("live_update_busy", True)):
                crowd.is_asking = is_asking
                seconds = [
                    _turn(bench.env, reports, browser, place + (100 * is_asking))
                    for place in range(TURNS)
                ]
                target = "" if is_asking else "<= 1"
                yield Figure(f"{name}_p95_s", _p95(seconds), "s", 1.0, target)
            crowd.check(2 * TURNS)
        if browser.errors:
            raise DifferentResults(f"The browser says: {browser.errors[0]}")


def _board(env: Any) -> tuple[Any, Any]:
    """1,000 tracked KPIs, and a dashboard with some of them."""
    env = env(context={**env.context, "tracking_disable": True})
    definition = env["kpi.definition"].create(
        {
            "name": "Parcels",
            "code": "bench_live",
            "frequency": "month",
            "history_start": date.today().replace(month=1, day=1),
        }
    )
    teams = env["kpi.team"].create(
        [
            {"name": f"Team {place}", "company_id": env.company.id}
            for place in range(KPIS)
        ]
    )
    reports = definition._track_for("team", teams)
    card = env["kpi.dashboard.card"].search([("card_style", "=", "metric")], limit=1)
    tile = {"kind": "card", "card_id": card.id, "scope_mode": "fixed", "span": 3}
    dashboard = env["kpi.dashboard"].create(
        {
            "name": "Parcels today",
            "owner_id": env.ref("base.user_admin").id,
            "tile_ids": [
                Command.create(
                    {**tile, "sequence": place, "report_ids": reports[place].ids}
                )
                for place in range(TILES)
            ],
        }
    )
    return reports, dashboard


def _turn(env: Any, reports: Any, browser: Browser, place: int) -> float:
    """Commit 1,000 values; seconds until one of them is seen."""
    month = date.today().replace(day=1)
    value = 101 + place
    rows = [(report_id, month, float(value)) for report_id in reports.ids]
    seen: list[float] = []
    text = json.dumps(str(value))
    watch = threading.Thread(
        target=lambda: seen.append(awaited(browser, SEEN % (text, PATIENCE)))
    )
    env["kpi.measurement"]._upsert("month", rows, source="external")
    watch.start()
    env.cr.commit()
    committed = time.time()
    watch.join()
    if not seen or not seen[0]:
        raise DifferentResults(f"{value} was not seen in {PATIENCE} seconds.")
    time.sleep(PAUSE)
    return seen[0] / 1000 - committed


@contextmanager
def _screen(url: str, dashboard: Any) -> Iterator[Browser]:
    """A browser with the dashboard, connected."""
    with Browser(*DESKTOP) as browser:
        log_in(browser, url)
        address = f"{url}/odoo/kpi-dashboard/{dashboard.id}"
        browser.call("Page.navigate", url=address)
        browser.wait_for(".o_kpi_dashboard_tile, [class*=o_kpi_tile]", PATIENCE * 4)
        time.sleep(3)  # its channels are told to the server a little later
        yield browser


@dataclass
class _Crowd:
    """Connections that hear of changes.

    :ivar is_asking: whether each asks for the tiles then, after a random delay
    """

    url: str
    dashboard_id: int
    cookie: str
    is_asking: bool = False
    heard: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def follow(self, connection: websocket.WebSocket) -> None:
        while connection.connected:
            try:
                messages = json.loads(connection.recv())
            except (websocket.WebSocketException, OSError, ValueError):
                return
            kinds = [each["message"]["type"] for each in messages]
            if "kpi_tracking.measured" in kinds:
                self.heard.append("measured")
                if self.is_asking:
                    time.sleep(random.random() * DELAY)
                    self.ask()

    def ask(self) -> None:
        answer = requests.post(
            f"{self.url}/web/dataset/call_kw/kpi.dashboard/data",
            json={
                "params": {
                    "model": "kpi.dashboard",
                    "method": "data",
                    "args": [[self.dashboard_id]],
                    "kwargs": {},
                }
            },
            cookies={"session_id": self.cookie},
            timeout=PATIENCE,
        ).json()
        if "error" in answer:
            self.problems.append(answer["error"]["message"])

    def check(self, turns: int) -> None:
        """All have heard of all batches."""
        if self.problems:
            raise DifferentResults(f"A screen was told: {self.problems[0]}")
        if len(self.heard) < LISTENERS * turns:
            count = LISTENERS * turns
            raise DifferentResults(f"{len(self.heard)} of {count} messages came.")


@contextmanager
def _listeners(url: str, company: Any, dashboard: Any) -> Iterator[_Crowd]:
    """49 connections of their own."""
    from odoo.addons.bus.websocket import WebsocketConnectionHandler as Handler

    crowd = _Crowd(url, dashboard.id, session(url, "admin", "admin"))
    last = company.env["bus.bus"]._bus_last_id()
    names = [f"kpi_tracking.company_{company.id}"]
    data = {"event_name": "subscribe", "data": {"channels": names, "last": last}}
    connections = []
    for _place in range(LISTENERS):
        connection = websocket.create_connection(
            f"{url.replace('http', 'ws')}/websocket?version={Handler._VERSION}",
            cookie=f"session_id={crowd.cookie}",
            origin=url,
            timeout=None,
        )
        connection.send(json.dumps(data))
        threading.Thread(target=crowd.follow, args=[connection], daemon=True).start()
        connections.append(connection)
    time.sleep(3)
    try:
        yield crowd
    finally:
        for connection in connections:
            with closing(connection):
                pass


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[round(0.95 * len(seconds)) - 1]
