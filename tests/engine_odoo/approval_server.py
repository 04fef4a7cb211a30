"""People who propose and approve targets, on a server that sends by itself."""

import re
from contextlib import closing, contextmanager
from urllib.parse import urlencode

import psycopg2
from smtp_server import SmtpServer
from walked_server import PASSWORD, Person, prepare, wait_for

LOGINS = ("paul", "olga", "nora", "mia", "gina")
LINK = re.compile(r'href="([^"]+/kpi/approval/[0-9a-f]+)"')
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
PREPARE = """
import json
from datetime import date, datetime, timedelta

given = json.loads(%r)
env["ir.config_parameter"].set_param("web.base.url", given["url"])
GROUP = "kpi_base.kpi_base_group_"
groups = dict.fromkeys(("olga", "nora", "mia"), "officer")
groups |= dict.fromkeys(("paul", "gina"), "manager")
people = {
    login: env["res.users"].create(
        {
            "name": login.title(),
            "login": login,
            "email": f"{login}@example.com",
            "password": given["password"],
            "tz": "UTC",
            "group_ids": [(6, 0, env.ref(GROUP + group).ids)],
        }
    )
    for login, group in groups.items()
}
admin = env.ref("base.user_admin")
admin.write({"password": given["password"], "email": "admin@example.com"})
admin.group_ids |= env.ref(GROUP + "admin")
employees = {}
for login, manager in (
    ("mia", ""), ("nora", "mia"), ("olga", "mia"), ("gina", ""), ("paul", "gina")
):
    employees[login] = env["hr.employee"].create(
        {
            "name": login.title(),
            "user_id": people[login].id,
            "parent_id": employees[manager].id if manager else False,
        }
    )
sales = env["hr.department"].create(
    {"name": "Sales", "manager_id": employees["gina"].id}
)
north = env["hr.department"].create(
    {"name": "North", "parent_id": sales.id, "manager_id": employees["paul"].id}
)
told = {"keys": {}, "reports": {}}
scopes = env["kpi.api.scope"].search([])
for login, user in {**people, "admin": admin}.items():
    values = {"name": login, "scope_ids": [(6, 0, scopes.ids)]}
    text, _key = (
        env["kpi.api.key"]
        .with_user(user)
        ._generate(values, datetime.now() + timedelta(days=1))
    )
    told["keys"][login] = text
told["users"] = {login: user.id for login, user in people.items()}
for name, measured in given["kpis"].items():
    kpi = env["kpi.definition"].create(
        {
            "name": name,
            "computation": "manual",
            "direction": "higher",
            "frequency": "month",
            "history_start": measured["start"],
        }
    )
    report = kpi._track_for("department", north)
    env["kpi.target"].create(
        {"report_id": report.id, "date_from": measured["from"], "value": 100}
    )
    rows = [
        (report.id, date.fromisoformat(day), value)
        for day, value in measured["values"].items()
    ]
    env["kpi.measurement"]._upsert("month", rows, source="import")
    told["reports"][name] = report.id
env["kpi.report.group"].create(
    {
        "name": "North",
        "line_ids": [
            (0, 0, {"report_id": report_id, "weight": weight})
            for report_id, weight in zip(told["reports"].values(), (3, 1))
        ],
    }
)
env.cr.commit()
print("told", json.dumps(told))
"""


class Approver(Person):
    """Somebody who logs in by the form, and fills in dialogs."""

    def sign_in(self, login, path="/odoo"):
        """Log in by the page that asks for it; where it leads to."""
        _status, _headers, page = self.ask("GET", f"{self.url}/web/login")
        form = {"login": login, "password": PASSWORD, "redirect": path}
        status, headers, text = self.submit(
            f"{self.url}/web/login", csrf_token=CSRF.search(page)[1], **form
        )
        assert status == 303, text
        return headers["Location"]

    def submit(self, address, **form):
        """Status, headers and text of what a form leads to."""
        return self.ask("POST", address, urlencode(form).encode())

    def fill_in(self, action, **values):
        """The record that a dialog saves, with what it proposes."""
        model, context = action["res_model"], action["context"]
        names = {name: {} for name in self.call(model, "fields_get", attributes=[])}
        shown = {name: {} for name in names if not name.endswith("_ids")}
        proposed = self.call(
            model, "onchange", [], {}, [], shown, context=context
        )["value"]  # fmt: skip
        for name in ("display_name", "id"):
            proposed.pop(name, None)
        (row,) = self.call(
            model, "web_save", [], {**proposed, **values},
            specification={}, context=context,
        )  # fmt: skip
        return row["id"]

    def press(self, action, button, **values):
        """What a button of a dialog that is filled in returns."""
        return self.call(action["res_model"], button, [self.fill_in(action, **values)])


class ApprovalWalk:
    """The server, its mail, and whoever proposes or approves."""

    def __init__(self, server, smtp, told):
        self.server, self.smtp = server, smtp
        self.user_ids, self.report_ids = told["users"], told["reports"]
        for login in (*LOGINS, "admin"):
            person = Approver(server.url, told["keys"][login])
            setattr(self, login, person.log_in(server.database, login))

    def find_links(self, login, name):
        """Links of the messages about a KPI that somebody has got, oldest first."""
        with self.smtp.lock:
            received = list(self.smtp.received)
        texts = [
            mail.get_body(("html",)).get_content()
            for mail in received
            if f"{login}@example.com" in mail["To"] and name in mail["Subject"]
        ]
        return [LINK.search(text)[1] for text in texts]

    def wait_for_link(self, login, name, seconds):
        what = f"{login}'s mail about {name}"
        return wait_for(lambda: self.find_links(login, name), what, seconds)[-1]

    def let_time_pass(self, step_id):
        """Have the hours of work gone by in which somebody should have decided."""
        with closing(psycopg2.connect(dbname=self.server.database)) as connection:
            with connection, connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE kpi_approval_step SET due_at = now() AT TIME ZONE 'UTC'"
                    " WHERE id = %s AND due_at > now() AT TIME ZONE 'UTC'",
                    [step_id],
                )
                assert cursor.rowcount == 1


@contextmanager
def running(database, log, kpis):
    """A server with two workers, crons and timer.

    :param kpis: name → dict of ``start``, ``from`` (first day of the target) and
        ``values`` (day → value)
    """
    from odoo_server import OdooServer

    with SmtpServer() as smtp:
        mail = [f"--smtp-port={smtp.port}", "--smtp=127.0.0.1"]
        crons = ["--max-cron-threads=1", "--email-from=kpi@example.com"]
        server = OdooServer(database, log, [*mail, *crons])
        given = {"url": server.url, "password": PASSWORD, "kpis": kpis}
        told = prepare(server, given, PREPARE)
        server.start()
        try:
            yield ApprovalWalk(server, smtp, told)
        finally:
            server.stop()
