"""A target's whole way on a real server: proposed, forwarded, escalated, in force.

As docs/approvals.md and docs/targets.md tell it: the server sends by its own crons and
its timer, to a mail server that stands here, and people decide on the pages of mails.
"""

import json
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from approval_server import CSRF, Approver, running

pytestmark = pytest.mark.long

CHANGE, STEP = "kpi.approval.change", "kpi.approval.step"
DECIDE, DIRECT = "/kpi/approval/decide", "/kpi/approval/direct"
FIRST = 90  # seconds until the crons of a server that has just started are there
MONTHS = 12
NEW, SMALL, LIMIT = 120.0, 105.0, 110.0
# of the months that are over, oldest first; none stands on a threshold
ORDERS = (70.0, 99.0, 103.5, 81.0, None, 77.0, 118.0, 92.5, 110.0, 97.0, 131.0)
VISITS = (10.0, 90.0, 104.0, 60.0, 50.0, 70.5, 83.0, None, 95.5, 88.0, 101.0)


def list_months(today):
    """First days of the last months, the running one last."""
    number = today.year * 12 + today.month - 1
    return [
        date(one // 12, one % 12 + 1, 1)
        for one in range(number - MONTHS + 1, number + 1)
    ]


def find_share(month, today):
    """Share of a month's days that are over."""
    after = (month + timedelta(days=31)).replace(day=1)
    return min(1.0, (today - month).days / (after - month).days)


def judge(value, target, share, thresholds):
    """Achievement in percent and status of a KPI of which more is better."""
    if value is None:
        return None, "no_data"
    if target is None:
        return None, "no_target"
    if not share:  # on the first of the month
        return None, "not_due"
    percent = 100 * value / (target * share)
    best, second = thresholds
    if percent >= best:
        return percent, "on_target"
    return percent, "at_risk" if percent >= second else "off_target"


def expect_now(status):
    """Of the running month, of which nothing is due on its first day."""
    return status if datetime.now(UTC).day > 1 else "not_due"


def mean(parts, cap):
    """Weighted mean of pairs (percent or None, weight)."""
    known = [
        (min(percent, cap), load) for percent, load in parts if percent is not None
    ]
    loads = sum(load for _percent, load in known)
    return sum(percent * load for percent, load in known) / loads if loads else None


@pytest.fixture(scope="module")
def walk(module_database, tmp_path_factory):
    months = list_months(datetime.now(UTC).date())
    share = find_share(months[-1], datetime.now(UTC).date())
    kpis = {
        name: {
            "start": months[0].isoformat(),
            "from": months[start].isoformat(),
            "values": {
                month.isoformat(): value
                for month, value in zip(months, (*values, 100 * share), strict=True)
                if value is not None
            },
        }
        for name, start, values in (("Orders", 5, ORDERS), ("Visits", 2, VISITS))
    }
    log = tmp_path_factory.mktemp("walk") / "odoo.log"
    with running(module_database, log, kpis) as found:
        make_workflow(found)
        yield found


def make_workflow(walk):
    """Olga, then the manager of who proposes; larger numbers after login."""
    levels = [
        {"sequence": 1, "approver_ids": [[0, 0, approver(walk, "olga")]]},
        {"sequence": 2, "approver_ids": [[0, 0, {"whom": "manager"}]]},
    ]
    values = {
        "name": "Targets",
        "model": CHANGE,
        "workflow_type": "target_change",
        "escalation_timeout": 4,
        "decision_links": "direct",
        "direct_limit": LIMIT,
        "level_ids": [[0, 0, level] for level in levels],
    }
    shown = {"approval_levels": {}}
    (row,) = walk.admin.call(
        "kpi.approval.workflow", "web_save", [], values, specification=shown
    )
    assert row["approval_levels"] == 2


def approver(walk, login):
    return {"whom": "user", "user_id": walk.user_ids[login]}


def read_target(person, report_id):
    (row,) = person.call(
        "kpi.target",
        "search_read",
        [["report_id", "=", report_id]],
        ["date_from", "value"],
    )
    return row


def propose(walk, report_id):
    """In the dialog, which the refusal of a direct write names."""
    target_id = read_target(walk.paul, report_id)["id"]
    reason = walk.paul.refused("kpi.target", "write", [target_id], {"value": NEW})
    assert "Use “Propose a Change”" in reason
    action = walk.paul.call("kpi.target", "action_propose_change", [target_id])
    assert action["name"] == "Propose a Change"
    told = walk.paul.press(action, "action_propose", value=NEW, reason="More orders")
    assert told["params"]["message"] == "Waiting for approval: 1"
    assert read_target(walk.paul, report_id)["value"] == 100
    return told["params"]["next"]["res_id"]


def read_facts(person, report_id):
    """Day → value, and the thresholds of a KPI, as somebody reads them."""
    (report,) = person.call("kpi.report", "read", [report_id], ["definition_id"])
    names = ["threshold_1", "threshold_2", "calendar_id"]
    (kpi,) = person.call("kpi.definition", "read", report["definition_id"][:1], names)
    domain = [["report_id", "=", report_id], ["grain", "=", "month"]]
    rows = person.call(
        "kpi.measurement", "search_read", domain, ["period_start", "value"]
    )
    values = {date.fromisoformat(row["period_start"]): row["value"] for row in rows}
    calendar_id = kpi["calendar_id"][:1]
    (calendar,) = person.call("kpi.calendar", "read", calendar_id, ["tz"])
    today = datetime.now(ZoneInfo(calendar["tz"])).date()
    return values, (kpi["threshold_1"], kpi["threshold_2"]), today


def judge_months(person, report_id, value=None):
    """What the months are by the target that there is, or by another in all of them."""
    values, thresholds, today = read_facts(person, report_id)
    target = read_target(person, report_id)
    begins = date.fromisoformat(target["date_from"])
    rows = []
    for month in list_months(today):
        holds = value or (target["value"] if month >= begins else None)
        judged = judge(values.get(month), holds, find_share(month, today), thresholds)
        rows.append((values.get(month), holds, *judged))
    names = ("value", "target", "achievement", "status")
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def look_at_effect(walk, change_id, report_id, other_id):
    """What the approver is shown is what plain Python makes of what they can read."""
    effect = walk.olga.call(CHANGE, "get_effect", [change_id])
    assert not effect["message"]
    before = judge_months(walk.olga, report_id)
    after = judge_months(walk.olga, report_id, NEW)
    others = judge_months(walk.olga, other_id)["achievement"]
    for shown, expected in ((effect["before"], before), (effect["after"], after)):
        for name, column in expected.items():
            assert shown[name] == pytest.approx(list(column)), name
    assert before["status"][-1] == expect_now("on_target")
    assert after["status"][-1] == expect_now("at_risk")
    begins = date.fromisoformat(read_target(walk.olga, report_id)["date_from"])
    for period in effect["periods"]:
        is_before = date.fromisoformat(period["start"]) < begins
        assert period["is_before"] == is_before
    (card,) = effect["scorecards"]
    domain = [["id", "=", card["id"]]]
    (rules,) = walk.olga.call(
        "kpi.report.group", "search_read", domain, ["achievement_cap"]
    )
    for side, own in (("before", before), ("after", after)):
        pairs = zip(own["achievement"], others, strict=True)
        expected = [
            mean([(first, 3), (second, 1)], rules["achievement_cap"])
            for first, second in pairs
        ]
        assert card[side] == pytest.approx(expected)


def forward(walk, change_id):
    """By the dialog of the proposal's form: Olga has Nora decide."""
    action = walk.olga.call(CHANGE, "action_open_forward", [change_id])
    step_ids = [[6, 0, action["context"]["default_step_ids"]]]
    given = {"successor_id": walk.user_ids["nora"], "comment": "You know them"}
    told = walk.olga.press(action, "action_decide", step_ids=step_ids, **given)
    assert told["params"]["message"] == "Forwarded: 1"


def read_step(walk, login, change_id):
    """The approval of a person, by the key of theirs."""
    query = f"kind={CHANGE}&document_id={change_id}"
    found = getattr(walk, login).rest("GET", f"/api/kpi/approvals?{query}")["items"]
    assert len(found) == 1
    return found[0]


def get_state(walk, change_id):
    return walk.paul.rest("GET", f"/api/kpi/changes/{change_id}")["approval_state"]


def look_without_deciding(walk, person, link, path, change_id):
    """Programs open links and ask what is possible: nothing is decided."""
    form = f"token={link.rpartition('/')[2]}&decision=approve"
    for address in (link, f"{walk.server.url}{path}?{form}"):
        for method in ("GET", "HEAD", "OPTIONS"):
            person.ask(method, address)
            assert get_state(walk, change_id) == "pending", (method, address)
    assert person.ask("OPTIONS", walk.server.url + path, form.encode())[0] < 500
    assert get_state(walk, change_id) == "pending"


def decide_after_login(walk, login, link):
    """At a browser in which nobody is logged in; the page that follows."""
    browser = Approver(walk.server.url)
    status, headers, _page = browser.ask("GET", link)
    assert status == 303 and "/web/login?" in headers["Location"]
    assert browser.sign_in(login, urlsplit(link).path).endswith(urlsplit(link).path)
    _status, _headers, page = browser.ask("GET", link)
    form = {"token": link.rpartition("/")[2], "decision": "approve"}
    address = walk.server.url + DECIDE
    assert browser.submit(address, **form)[0] == 400  # the form of another page
    form["csrf_token"] = CSRF.search(page)[1]
    status, _headers, answer = browser.submit(address, **form)
    assert status == 200, answer
    return page, answer


def escalate(walk, change_id):
    """Nora lets the hours pass: Mia, who leads her, is asked too."""
    step = read_step(walk, "nora", change_id)
    assert step["due_at"] > step["asked_at"] and not walk.find_links("mia", "Orders")
    walk.let_time_pass(step["id"])
    link = walk.wait_for_link("mia", "Orders", FIRST)
    asked = read_step(walk, "mia", change_id)
    assert (asked["state"], asked["for_user"]["name"]) == ("asked", "Nora")
    assert read_step(walk, "nora", change_id)["state"] == "asked"
    return link


def look_at_target(walk, report_id):
    """It holds, and the running month is judged by it; closed months are not."""
    assert read_target(walk.paul, report_id)["value"] == NEW
    report = walk.paul.rest("GET", f"/api/kpi/reports/{report_id}")
    judged = judge_months(walk.paul, report_id)
    now = {name: column[-1] for name, column in judged.items()}
    assert report["status"] == now["status"] == expect_now("at_risk")
    assert report["achievement"] == pytest.approx(now["achievement"])
    assert report["current_value"] == now["value"]


def look_at_records(walk, change_id):
    """Both who decided are in the log, on the timeline, and in what REST answers."""
    states = {
        login: read_step(walk, login, change_id)["state"]
        for login in ("olga", "nora", "mia", "gina")
    }
    assert states == {
        "olga": "forwarded", "nora": "closed", "mia": "approved", "gina": "approved"
    }  # fmt: skip
    change = walk.paul.rest("GET", f"/api/kpi/changes/{change_id}")
    assert change["approval_state"] == "approved"
    assert change["summary"] == "Target: 100 → 120"
    lines = walk.paul.call(CHANGE, "get_timeline", [change_id])[::-1]
    told = [(line["title"], line["by"], line["lines"]) for line in lines]
    assert told == [
        ("Approval requested", "Paul", ["Asked: Olga"]),
        ("Forwarded", "Olga", ["Asked: Nora", "On behalf of Olga"]),
        ("Escalated", "OdooBot", ["Asked: Mia", "On behalf of Nora"]),
        ("Approved", "Mia", ["On behalf of Nora"]),
        ("Approval requested", "Mia", ["Asked: Gina"]),
        ("Approved", "Gina", []),
    ]
    query = f"model={CHANGE}&res_id={change_id}"
    verified = walk.admin.rest("GET", f"/api/kpi/audit/verify?{query}")
    assert verified["is_whole"] and verified["entry_count"] == len(told)
    entries = walk.admin.rest("GET", f"/api/kpi/audit/entries?{query}")["items"]
    texts = [
        json.loads(entry["text"])
        for entry in entries
        if entry["event_type"] == "approval_approved"
    ]
    assert {text["user_id"] for text in texts} == {
        walk.user_ids["mia"], walk.user_ids["gina"]
    }  # fmt: skip
    assert walk.admin.rest("GET", "/api/kpi/audit/verify")["is_whole"]


def test_a_target_from_its_proposal_until_it_is_in_force(walk):
    """Refused, proposed, forwarded, escalated, decided twice after a login."""
    report_id = walk.report_ids["Orders"]
    change_id = propose(walk, report_id)
    walk.wait_for_link("olga", "Orders", FIRST)
    look_at_effect(walk, change_id, report_id, walk.report_ids["Visits"])
    forward(walk, change_id)
    of_nora = walk.wait_for_link("nora", "Orders", FIRST)
    of_mia = escalate(walk, change_id)
    look_without_deciding(walk, walk.mia, of_mia, DECIDE, change_id)
    page, answer = decide_after_login(walk, "mia", of_mia)
    assert "100 → 120" in page and "More orders" in page
    assert "Approved by Mia, " in answer and "<form" not in answer
    assert "Approved by Mia, " in walk.nora.ask("GET", of_nora)[2]
    assert get_state(walk, change_id) == "pending"
    assert read_target(walk.paul, report_id)["value"] == 100
    of_gina = walk.wait_for_link("gina", "Orders", FIRST)
    assert walk.nora.ask("GET", of_gina)[0] == 404
    _page, answer = decide_after_login(walk, "gina", of_gina)
    assert "Approved by Gina, " in answer
    for login, link in (("nora", of_nora), ("mia", of_mia), ("gina", of_gina)):
        text = getattr(walk, login).ask("GET", link)[2]
        assert "Approved by Gina, " in text and "<form" not in text
    look_at_target(walk, report_id)
    look_at_records(walk, change_id)


def test_a_small_change_is_decided_without_a_login(walk):
    """Sent by REST; each page of a mail has what it takes to decide, once."""
    report_id = walk.report_ids["Visits"]
    target_id = read_target(walk.paul, report_id)["id"]
    change = walk.paul.rest(
        "PATCH", f"/api/kpi/targets/{target_id}", value=SMALL, reason="Fewer visits"
    )
    for login in ("olga", "gina"):
        link = walk.wait_for_link(login, "Visits", FIRST)
        visitor = Approver(walk.server.url)
        look_without_deciding(walk, visitor, link, DIRECT, change["id"])
        _status, headers, page = visitor.ask("GET", link)
        assert "100 → 105" in page and "csrf_token" not in page
        assert headers["Cache-Control"] == "no-store"
        form = {"token": link.rpartition("/")[2], "decision": "approve"}
        said = f"Approved by {login.title()}, "
        for again in (form, {**form, "decision": "reject", "comment": "No"}):
            status, _headers, answer = visitor.submit(walk.server.url + DIRECT, **again)
            assert status == 200 and said in answer
    assert get_state(walk, change["id"]) == "approved"
    assert read_target(walk.paul, report_id)["value"] == SMALL
    assert walk.admin.rest("GET", "/api/kpi/audit/verify")["is_whole"]
