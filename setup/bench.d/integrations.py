"""Values that other systems give or ask for, beside the same without them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from odoo.addons.kpi_tracking_integration.adapters import GoogleSheets, HubSpot
from odoo.addons.kpi_tracking_integration.tests.stand_ins import (
    TOKEN,
    HubSpotStandIn,
    SheetsStandIn,
)

import _kpis
from _harness import (
    HERE,
    Bench,
    DifferentResults,
    Figure,
    case,
    check_equal,
    count_statements,
)
from _kpis import as_admin, forget, make_people, stored_facts, track
from _server import ask, server

KPIS, DAYS, FIRST_DAY = 50, 1_000, date(2023, 1, 1)
MESSAGE, TURNS = 1_000, 15  # rows; a message takes too little time for three runs
EPOCH = date(1899, 12, 30)  # of the days of spreadsheets
PAGE, PAGES, OWNERS = 200, 10, 4  # deals of a page
QUESTIONS = 60
FORM = "application/x-www-form-urlencoded"


@case("engine")
def integrations(bench: Bench) -> Iterator[Figure]:
    """50,000 values that a spreadsheet gives, beside the engine's own writing of them;
    1,000 that a message brings, beside recording them."""
    env = bench.env
    kpis = track(env, KPIS, "Read", frequency="day", history_start=FIRST_DAY)
    codes = {kpi.id: kpi.definition_id.code for kpi in kpis}
    facts = [
        (kpi_id, FIRST_DAY + timedelta(days=n), 1 + kpi_id % 97 + n / 8)
        for kpi_id in kpis.ids
        for n in range(DAYS)
    ]
    rows = [[codes[key], (day - EPOCH).days, value] for key, day, value in facts]
    upsert = partial(env["kpi.measurement"]._upsert, "day", facts, source="import")
    with SheetsStandIn(Actuals=[["Code", "Day", "Value"], *rows]) as vendor:
        settings = {"spreadsheet": "s" * 30, "range": "Actuals"}
        definition = kpis[0].definition_id
        feed = _connect(env, "google_sheets", definition, settings=settings)
        feed.allows_any_kpi = True
        _kpis.vacuum(env)
        with patch.object(GoogleSheets, "origin", vendor.origin):
            yield _compare(bench, "pull_vs_upsert", feed._sync, upsert, "<= 4")
    names = {"kpi_pointer": "/code", "day_pointer": "/day", "value_pointer": "/value"}
    hook = as_admin(env["kpi.hook"]).create({"name": "Shop", **names})
    message = [
        {"code": codes[key], "day": str(day), "value": value}
        for key, day, value in facts[:MESSAGE]
    ]
    numbers, body = count(), json.dumps(message).encode()
    read, _refused = hook._map(message, datetime.now())
    record = as_admin(env["kpi.measurement"])._record_rows
    yield _compare(
        bench,
        "hook_vs_record",
        lambda: hook.sudo()._receive(f"msg_{next(numbers)}", body),
        lambda: record([*read.values()], "Shop"),
        "<= 1.5",
        turns=TURNS,
    )


def _compare(
    bench: Bench,
    metric: str,
    ours: Callable[[], Any],
    reference: Callable[[], Any],
    target: str,
    turns: int = 0,
) -> Figure:
    """Seconds of two ways to fill the empty fact table, which must come out alike."""
    env, left = bench.env, []

    def write(act: Callable[[], Any]) -> None:
        act()
        env.cr.commit()

    for act in (ours, reference):
        forget(env)
        write(act)
        left.append(stored_facts(env))
    check_equal(*left)
    acts = partial(write, ours), partial(write, reference)
    seconds = bench.measure(*acts, before=partial(forget, env), turns=turns)
    return Figure(metric, seconds[0], "s", seconds[1], target)


def _connect(env: Any, kind: str, definition: Any = None, **values: Any) -> Any:
    """An integration of the administrator, which may call this machine."""
    env["ir.config_parameter"].set_param("kpi_base.outgoing_hosts", "127.0.0.1")
    named = {"name": kind, "integration_type": kind, "api_credentials": TOKEN}
    named["definition_id"] = definition and definition.id
    return as_admin(env["kpi.integration"]).create(named | values).with_env(env)


@case("engine")
def syncs(bench: Bench) -> Iterator[Figure]:
    """Statements of ten pages and of one; values lost, or written twice, where a sync
    is killed before each call and each commit, and another follows."""
    env = bench.env
    people = make_people(env, OWNERS)
    definition = track(env, 1, "Won").definition_id
    definition._track_for("user", people, env.company.id)
    owners = {str(n): person.login for n, person in enumerate(people)}
    moment, deals = env.cr.now().replace(day=1, hour=12, tzinfo=UTC), []
    for n in range(PAGE * PAGES):
        deals.append((str(n), moment, str(n), str(n % OWNERS), True))
    with HubSpotStandIn(deals, owners) as vendor, ExitStack() as stack:
        stack.enter_context(patch.object(HubSpot, "origin", vendor.origin))
        stack.enter_context(patch.object(HubSpot, "pause", 0.0))
        feed = _connect(env, "hubspot", definition, settings={})
        feed._sync()
        ten = count_statements(env, feed._sync)
        vendor.deals = deals[:PAGE]
        one = count_statements(env, feed._sync)
        check_equal([fact[2] for fact in stored_facts(env)], _sums(PAGE))
        yield Figure("sync_statements", ten, "queries", one, "<= 1")
        vendor.deals = deals[: 2 * PAGE]
        expected, lost, doubled = _sums(2 * PAGE), 0, 0
        for number in count(1):
            forget(env)
            feed.next_sync_at = datetime.now()
            env.cr.commit()
            command = [sys.executable, HERE / "_killed_sync.py", bench.database]
            done = subprocess.run([*command, vendor.origin, str(number)])
            env.cr.rollback()
            env.invalidate_all()
            env["kpi.import"]._cron_run()
            env["kpi.integration"]._cron_sync()
            values = [fact[2] for fact in stored_facts(env)]
            env.cr.execute("SELECT count(*) FROM kpi_measurement_revision")
            lost += len({*expected} - {*values})
            doubled += len({*values} - {*expected}) + env.cr.fetchone()[0]
            if not done.returncode:
                break
        yield Figure("sync_lost", lost, "values", number * OWNERS, "<= 0")
        yield Figure("sync_doubled", doubled, "values", number * OWNERS, "<= 0")


def _sums(count: int) -> list[float]:
    """Of deals of 0, 1, 2, …, owner after owner."""
    return [float(sum(range(n, count, OWNERS))) for n in range(OWNERS)]


@case("engine")
def slash_vs_query(bench: Bench) -> Iterator[Figure]:
    """A question typed in Slack and the same by REST, one after the other."""
    env = bench.env
    kpis = track(env, KPIS, "Asked", target=_kpis.TARGET)
    _kpis.fill_months(env, kpis.definition_id, _kpis.MONTHS)
    kpis._refresh_current()
    verifier = SignatureVerifier("8f742231b10e8888abcd99yyyzzz85a5")
    chat = _connect(env, "slack", signing_secret=verifier.signing_secret)
    chat.action_turn_on()
    tied = {"integration_id": chat.id, "person": "T1/U1", "name": "U1"}
    link = env["kpi.chat.link"].create(tied)
    link._tie(link._make_code(env.ref("base.user_admin")))
    key, question = _kpis.make_key(env), "Asked 3 last month"
    body = urlencode({"team_id": "T1", "user_id": "U1", "text": question})
    with server(bench.database, "--workers=0") as url:

        def slash() -> bytes:
            moment = str(int(time.time()))
            signature = verifier.generate_signature(timestamp=moment, body=body)
            headers = {"X-Slack-Request-Timestamp": moment, "Content-Type": FORM}
            headers["X-Slack-Signature"] = signature
            return ask(url, "POST", f"/kpi/chat/{chat.id}", body.encode(), **headers)

        query = partial(ask, url, "POST", "/api/kpi/query", {"question": question})
        query = partial(query, Authorization=f"Bearer {key}")
        sentence = json.loads(query())["sentences"][0]
        answer = slash().decode("unicode-escape")
        if sentence not in answer:
            raise DifferentResults(f"“{sentence}” is not in {answer}")
        own, reference = bench.measure(slash, query, turns=QUESTIONS)
    yield Figure("slash_vs_query", own * 1000, "ms", reference * 1000, "<= 1.3")
