"""A request's whole way on a real server, in test mode: an hour lasts a minute.

As docs/tat.md tells it: a template of three levels, reminders on the second, a breach,
the manager who is asked too, and decisions by the links of mails.
"""

import re
from contextlib import contextmanager
from datetime import datetime

import pytest
from approval_server import LINK, Approver
from smtp_server import SmtpServer
from walked_server import PASSWORD, prepare, wait_for

LOGINS = ("ina", "ann", "mia", "cy", "dora")
DIRECT = "/kpi/approval/direct"
FIRST = 90  # seconds until the crons of a server that has just started are there
DELAY_REASON = re.compile(r'<option value="(\d+)"')
SHORT, LONG = 0.2, 10.0  # hours: 12 seconds and 10 minutes
ON_TIME = 2.0  # seconds
LIMIT = 1000.0
PREPARE = """
import json
from datetime import datetime, timedelta

given = json.loads(%r)
env["ir.config_parameter"].set_param("web.base.url", given["url"])
user_group = env.ref("kpi_base.kpi_base_group_user")
told = {"keys": {}, "users": {}}
employees = {}
scopes = env["kpi.api.scope"].search([])
admin = env.ref("base.user_admin")
admin.write({"password": given["password"], "email": "admin@example.com"})
admin.group_ids |= env.ref("kpi_base.kpi_base_group_admin")
for login in ("mia", "ann", "ina", "cy", "dora", "admin"):
    user = admin if login == "admin" else env["res.users"].create(
        {
            "name": login.title(),
            "login": login,
            "email": f"{login}@example.com",
            "password": given["password"],
            "tz": "UTC",
            "group_ids": [(6, 0, user_group.ids)],
        }
    )
    if login != "admin":
        employees[login] = env["hr.employee"].create(
            {
                "name": login.title(),
                "user_id": user.id,
                "parent_id": employees["mia"].id if login == "ann" else False,
            }
        )
    values = {"name": login, "scope_ids": [(6, 0, scopes.ids)]}
    text, _key = (
        env["kpi.api.key"]
        .with_user(user)
        ._generate(values, datetime.now() + timedelta(days=1))
    )
    told["keys"][login], told["users"][login] = text, user.id
env.cr.commit()
print("told", json.dumps(told))
"""


class TatWalk:
    """The server, its mail, and whoever asks or decides."""

    def __init__(self, server, smtp, told):
        self.server, self.smtp, self.user_ids = server, smtp, told["users"]
        for login in (*LOGINS, "admin"):
            person = Approver(server.url, told["keys"][login])
            setattr(self, login, person.log_in(server.database, login))

    def find_mails(self, login, words):
        """Texts of the mails that somebody has got, by words of their subject."""
        with self.smtp.lock:
            received = list(self.smtp.received)
        return [
            mail.get_body(("html",)).get_content()
            for mail in received
            if f"{login}@example.com" in mail["To"] and words in mail["Subject"]
        ]

    def wait_for_link(self, login, request):
        texts = wait_for(
            lambda: self.find_mails(login, f"Approve {request['number']}"),
            f"{login}'s mail",
            FIRST,
        )
        return LINK.search(texts[-1])[1]

    def list_alerts(self, request):
        return self.ina.rest("GET", f"/api/tat/requests/{request['id']}/alerts")[
            "items"
        ]

    def list_levels(self, request):
        query = f"request_id={request['id']}"
        found = self.ina.rest("GET", f"/api/tat/levels?{query}")["items"]
        return {level["approver"]["name"]: level for level in found}

    def make_template(self, name, levels):
        """Levels: (login, hours, what follows when overdue)."""
        values = {
            "name": name,
            "model": "kpi.tat.request",
            "workflow_type": "request_template",
            "decision_links": "direct",
            "direct_limit": LIMIT,
            "level_ids": [
                [
                    0,
                    0,
                    {
                        "sequence": number,
                        "tat_hours_standard": hours,
                        "timeout_action": action,
                        "approver_ids": [
                            [0, 0, {"whom": "user", "user_id": self.user_ids[login]}]
                        ],
                    },
                ]
                for number, (login, hours, action) in enumerate(levels, start=1)
            ],
        }
        (row,) = self.admin.call(
            "kpi.approval.workflow", "web_save", [], values, specification={}
        )
        return row["id"]

    def submit(self, subject, template_id):
        return self.ina.rest(
            "POST", "/api/tat/requests",
            subject=subject, template_id=template_id, amount=100.0, submit=True,
        )  # fmt: skip

    def decide(self, link):
        """By the button of the page that the link of a mail opens, without a login.

        Who is late, as anybody is on a slow machine, is asked for a reason.
        """
        visitor = Approver(self.server.url)
        status, _headers, page = visitor.ask("GET", link)
        assert status == 200 and "Laptops" in page
        form = {"token": link.rpartition("/")[2], "decision": "approve"}
        status, _headers, answer = visitor.submit(self.server.url + DIRECT, **form)
        if reason := DELAY_REASON.search(answer):
            form["delay_reason"] = reason[1]
            status, _headers, answer = visitor.submit(self.server.url + DIRECT, **form)
        assert status == 200, answer
        return answer


@contextmanager
def running(database, log):
    from odoo_server import OdooServer

    with SmtpServer() as smtp:
        mail = [f"--smtp-port={smtp.port}", "--smtp=127.0.0.1"]
        crons = ["--max-cron-threads=1", "--email-from=kpi@example.com"]
        server = OdooServer(database, log, [*mail, *crons])
        given = {"url": server.url, "password": PASSWORD}
        told = prepare(server, given, PREPARE)
        server.start()
        try:
            yield TatWalk(server, smtp, told)
        finally:
            server.stop()


@pytest.fixture(scope="module")
def walk(module_database, tmp_path_factory):
    log = tmp_path_factory.mktemp("walk") / "odoo.log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAT_TEST_MODE", "true")
        with running(module_database, log) as found:
            wait_until_it_reminds(found)
            yield found


def wait_until_it_reminds(walk):
    """A server that has just started sends what fell due meanwhile at once."""
    template_id = walk.make_template("Warm up", [("cy", SHORT, "remind")])
    request = walk.submit("Warm up", template_id)
    wait_for(lambda: walk.list_alerts(request), "the first reminder", FIRST)


def measure_lag(alert):
    due_at, sent_at = (
        datetime.fromisoformat(alert[name]) for name in ("due_at", "alert_sent_at")
    )
    return (sent_at - due_at).total_seconds()


def look_at_reminders(walk, request):
    """Three of them, each on the second, in the words that were asked for."""

    def find():
        alerts = walk.list_alerts(request)
        return alerts if len(alerts) == 3 else None

    alerts = wait_for(find, "three reminders")
    told = [(one["alert_type"], one["is_breached"]) for one in alerts]
    assert told == [("TAT_50", False), ("TAT_75", False), ("TAT_100", True)]
    assert alerts[-1]["alert_message"].endswith(
        "TAT breached - Immediate action required"
    )
    assert all(0 <= measure_lag(alert) <= ON_TIME for alert in alerts)
    moments = [datetime.fromisoformat(one["due_at"]) for one in alerts]
    start = datetime.fromisoformat(alerts[0]["level_start_time"])
    assert [(moment - start).total_seconds() for moment in moments] == [6, 9, 13]


def test_three_levels_from_submission_to_approval(walk):
    template_id = walk.make_template(
        "Purchase",
        [("ann", SHORT, "escalate"), ("cy", LONG, "remind"), ("dora", LONG, "remind")],
    )
    request = walk.submit("Laptops", template_id)
    assert (request["status"], request["is_test"]) == ("pending", True)
    look_at_reminders(walk, request)
    levels = walk.list_levels(request)
    assert levels["Ann"]["tat_breached"] and levels["Ann"]["clock"] == "running"
    # nobody approved by silence: the manager is asked too
    assert levels["Mia"]["clock"] == "running" and levels["Cy"]["clock"] == "waiting"
    assert "Approved by Mia" in walk.decide(walk.wait_for_link("mia", request))
    for login in ("cy", "dora"):
        said = walk.decide(walk.wait_for_link(login, request))
        assert f"Approved by {login.title()}" in said
    done = walk.ina.rest("GET", f"/api/tat/requests/{request['id']}")
    assert done["status"] == "approved"
    levels = walk.list_levels(request)
    assert {level["clock"] for level in levels.values()} == {"stopped"}
    assert levels["Ann"]["decision"] == "closed" and levels["Mia"]["decided_at"]
    assert not levels["Cy"]["tat_breached"]
    statement = walk.ina.rest("GET", f"/api/tat/levels/{levels['Cy']['id']}/statement")
    counted = sum(one["seconds"] for one in statement["items"])
    assert counted == round(levels["Cy"]["tat_hours_elapsed"] * 3600)


def test_what_is_overdue_is_told_by_mail(walk):
    texts = wait_for(lambda: walk.find_mails("ann", "Overdue"), "Ann's reminder", FIRST)
    assert re.search("Immediate action required", texts[-1])
