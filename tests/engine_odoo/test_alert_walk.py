"""A rule's whole way on a real server: from a KPI's form to an alarm that is over.

As docs/alerts.md tells it, on the measures of a city: the server sends by its own crons
and its timer, to a mail server and a receiver of webhooks that stand here.
"""

import os
import re
import time
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import pytest
from smtp_server import SmtpServer
from walked_server import PASSWORD, Person, Receiver, Walk, prepare, wait_for

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data")
FILE = DATA / "kpi" / "austin_fy2016_measures.csv"
MONTHS = "OCT NOV DEC JAN FEB MAR APR MAY JUN JUL AUG SEP".split()
STARTS = [date(2015 + (at + 9) // 12, (at + 9) % 12 + 1, 1) for at in range(12)]
STOP = date(2016, 10, 1)
MEASURES = 12
FIRST = 90  # seconds until the crons of a server that has just started are there
ESCALATED = 90


def read_measures():
    """Values by measure and month, and the targets of the year, where a rule on
    their share would have something to say and not always.
    """
    table = pd.read_csv(FILE).set_index("MEASURE_ID")
    values = table[MONTHS].apply(pd.to_numeric, errors="coerce")
    values.columns = STARTS
    targets = pd.to_numeric(table["CFY_APPROVED"], errors="coerce")
    share = values.div(targets.where(targets > 0), axis=0)
    is_mixed = share.lt(0.8).any(axis=1) & share.ge(0.8).any(axis=1)
    found = values[is_mixed].sort_index().head(MEASURES)
    return found, targets.reindex(found.index)


def find_alerts(values, target):
    """Days on which alerts of “achievement below 80%” begin and end."""
    is_below = 100 * values.dropna() / target < 80
    before = is_below.shift(fill_value=False)
    closed_on = dict(zip(STARTS, [*STARTS[1:], STOP], strict=True))
    days = is_below.index.map(closed_on).map(date.isoformat).to_series(is_below.index)
    fired = list(days[is_below & ~before])
    ended = list(days[~is_below & before])
    ended += [None] * (len(fired) - len(ended))
    return list(zip(fired, ended, strict=True))


def last_month(before=0):
    """First day of the last month that is over, or of one before that."""
    day = date.today()
    for _month in range(before + 1):
        day = day.replace(day=1) - timedelta(days=1)
    return day.replace(day=1)


def link_of(mail, url):
    """Address of the page that acknowledges, as the button of a message has it."""
    html = mail.get_body(("html",)).get_content()
    return re.search(rf'href="({re.escape(url)}/kpi/alert/[^"]+)"', html)[1]


@contextmanager
def running(database, log):
    from odoo_server import OdooServer

    values, targets = read_measures()
    with SmtpServer() as smtp, Receiver() as receiver:
        mail = [f"--smtp-port={smtp.port}", "--smtp=127.0.0.1"]
        crons = ["--max-cron-threads=1", "--email-from=kpi@example.com"]
        server = OdooServer(database, log, [*mail, *crons])
        given = {
            "url": server.url,
            "password": PASSWORD,
            "before_last": last_month(1).isoformat(),
            "measures": [
                (
                    f"Measure {measure}",
                    float(targets[measure]),
                    [
                        (month.isoformat(), value)
                        for month, value in row.dropna().items()
                    ],
                )
                for measure, row in values.iterrows()
            ],
        }
        told = prepare(server, given)
        server.start()
        try:
            yield Walk(server, smtp, receiver, told)
        finally:
            server.stop()


@pytest.fixture(scope="module")
def walk(module_database, tmp_path_factory):
    log = tmp_path_factory.mktemp("walk") / "odoo.log"
    with running(module_database, log) as found:
        yield found


def make_webhook(walk):
    """A webhook of the officer's own, whose secret the receiver is given."""
    values = {"name": "Receiver", "address": walk.receiver.url}
    values["report_ids"] = [[6, 0, walk.report_ids[:1]]]
    webhook_id = walk.olga.call("kpi.webhook", "create", [values])[0]
    shown = walk.olga.call("kpi.webhook", "action_new_secret", [webhook_id])
    walk.receiver.secret = shown["context"]["default_key"]
    return webhook_id


def make_rule(walk, report_id):
    """The rule that the form proposes, for others too and escalated after a minute."""
    rule_id = walk.olga.alert_me(report_id)
    level = {"after_minutes": 1, "whom": "manager"}
    values = {"is_personal": False, "level_ids": [[0, 0, level]]}
    walk.olga.call("kpi.smart.alert", "write", [rule_id], values)
    walk.olga.call("kpi.smart.alert", "action_turn_on_and_close", [rule_id])
    return rule_id


def enter(walk, report_id, value, note=""):
    """Hand in the value of the month that has just closed."""
    row = {"report_id": report_id, "day": last_month().isoformat(), "value": value}
    walk.emma.rest("POST", "/api/kpi/submit", values=[{**row, "note": note}])


def list_alerts(person, report_id):
    """Open alerts of a KPI, and how many the bell counts."""
    items = person.rest("GET", f"/api/kpi/alerts?report_id={report_id}")["items"]
    return items, person.call("kpi.alert.event", "get_waiting_count")


def look_at_centre(walk, report_id, value):
    """The alert as the centre has it for whom it concerns."""
    items, waiting = wait_for(
        lambda: next(filter(all, [list_alerts(walk.emma, report_id)]), None),
        "the alert",
        FIRST,
    )
    (alert,) = items
    assert (alert["state"], alert["value"], waiting) == ("firing", value, 1)
    assert alert["period_start"] == last_month().isoformat()
    (shown,) = walk.emma.call("kpi.alert.event", "get_centre")["alerts"]
    assert (shown["id"], shown["can_act"]) == (alert["id"], True)
    return alert["id"]


def acknowledge(walk, alert_id, link):
    """By the link of a mail, as somebody who is not logged in: only POST acts."""

    def state():
        return walk.emma.rest("GET", f"/api/kpi/alerts/{alert_id}")["state"]

    visitor = Person(walk.server.url)
    for method in ("HEAD", "OPTIONS", "GET"):
        status, _headers, page = visitor.ask(method, link)
        assert status in (200, 204), method
        assert state() == "firing", method
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    assert Person(walk.server.url).ask("POST", link, b"")[0] == 400  # no token
    assert state() == "firing"
    form = urlencode({"csrf_token": token}).encode()
    status, headers, _page = visitor.ask("POST", link, form)
    assert (status, headers["Location"]) == (303, link.removeprefix(walk.server.url))
    assert state() == "acknowledged"
    _status, _headers, page = visitor.ask("GET", link)
    assert "Mia has acknowledged this alert." in page and "<form" not in page
    (item,) = wait_for(
        lambda: walk.receiver.find("alert.acknowledged"), "alert.acknowledged"
    )
    assert item["alert"]["state"] == "acknowledged"


def look_at_end(walk, alert_id, report_id, told):
    """Everybody who has heard of the alert hears that it is over.

    :param told: how many messages each had got
    """
    (item,) = wait_for(lambda: walk.receiver.find("alert.resolved"), "alert.resolved")
    assert item["alert"]["state"] == "resolved"
    alert = walk.emma.rest("GET", f"/api/kpi/alerts/{alert_id}")
    assert alert["state"] == "resolved" and alert["resolved_at"]
    for login in ("emma", "mia"):
        mails = wait_for(
            lambda login=login: walk.mails(login)[told[login] :], f"{login}'s mail"
        )
        assert len(mails) == 1
        assert list_alerts(getattr(walk, login), report_id) == ([], 0)
    sequences = [
        item["sequence"]
        for body in walk.receiver.events
        for item in body["data"]["items"]
    ]
    assert sorted(sequences) == list(range(1, len(sequences) + 1))


pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not FILE.is_file(), reason=f"{FILE} is not there, see KPI_DATA"),
]


def test_rules_of_forms_replay_as_pandas_counts(walk):
    """Each measure's *Alert Me*, as it is proposed, over the fiscal year 2016."""
    values, targets = read_measures()
    expected, found = [], []
    for report_id, (measure, row) in zip(
        walk.report_ids, values.iterrows(), strict=True
    ):
        rule_id = walk.olga.alert_me(report_id)
        past = walk.olga.call(
            "kpi.smart.alert", "replay", [rule_id], "2015-10-01", "2016-10-01"
        )
        assert past["is_possible"], past
        found.append([(each["fired_on"], each["ended_on"]) for each in past["alerts"]])
        expected.append(find_alerts(row, targets[measure]))
    assert found == expected
    assert sum(map(len, expected)) >= MEASURES


def test_an_alarm_from_its_value_to_its_end(walk):
    """A value is entered; all hear of it; escalated, acknowledged, corrected, over."""
    report_id = walk.report_ids[0]
    make_webhook(walk)
    make_rule(walk, report_id)
    target = float(read_measures()[1].iloc[0])

    entered_at = time.monotonic()
    enter(walk, report_id, target / 2)
    alert_id = look_at_centre(walk, report_id, target / 2)
    (first,) = wait_for(lambda: walk.mails("emma"), "Emma's mail")
    subject = first["Subject"].replace("\N{NO-BREAK SPACE}", " ")
    assert subject.endswith("Achievement 50%, below 80%")
    (item,) = wait_for(lambda: walk.receiver.find("alert.fired"), "alert.fired")
    assert item["alert"]["value"] == target / 2
    (changed,) = walk.receiver.find("measurement.changed")
    assert (changed["old"], changed["new"]) == (None, target / 2)
    assert not walk.mails("mia")

    (escalated,) = wait_for(lambda: walk.mails("mia"), "the manager's mail", ESCALATED)
    assert time.monotonic() - entered_at > 60
    acknowledge(walk, alert_id, link_of(escalated, walk.server.url))
    told = {login: len(walk.mails(login)) for login in ("emma", "mia")}
    enter(walk, report_id, target, note="Counted again")
    look_at_end(walk, alert_id, report_id, told)
    assert walk.receiver.forged == 0
    verified = walk.admin.rest("GET", "/api/kpi/audit/verify")
    assert verified["is_whole"] and not verified["faults"]
