"""A server that sends by itself, its people, and a receiver of its webhooks."""

import base64
import hashlib
import hmac
import json
import threading
import time
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import (
    HTTPCookieProcessor,
    HTTPRedirectHandler,
    Request,
    build_opener,
)

from fault_processes import run

PASSWORD = "Walk-the-whole-way-1"
SECONDS = 120
ANSWER = 90  # seconds until what happened is told, on a busy machine
PREPARE = """
import json
from datetime import date, datetime, timedelta

given = json.loads(%r)
parameters = env["ir.config_parameter"]
parameters.set_param("web.base.url", given["url"])
parameters.set_param("kpi_base.outgoing_hosts", "127.0.0.1")
groups = {
    "olga": "kpi_base.kpi_base_group_officer",
    "emma": "kpi_base.kpi_base_group_user",
    "mia": "kpi_base.kpi_base_group_officer",
}
people = {
    login: env["res.users"].create(
        {
            "name": login.title(),
            "login": login,
            "email": f"{login}@example.com",
            "password": given["password"],
            "tz": "UTC",
            "group_ids": [(6, 0, env.ref(group).ids)],
        }
    )
    for login, group in groups.items()
}
mia = env["hr.employee"].create({"name": "Mia", "user_id": people["mia"].id})
env["hr.employee"].create(
    {"name": "Emma", "user_id": people["emma"].id, "parent_id": mia.id}
)
told = {"keys": {}, "reports": []}
scopes = env["kpi.api.scope"].search([])
for login, user in {**people, "admin": env.ref("base.user_admin")}.items():
    values = {"name": login, "scope_ids": [(6, 0, scopes.ids)]}
    text, _key = (
        env["kpi.api.key"]
        .with_user(user)
        ._generate(values, datetime.now() + timedelta(days=1))
    )
    told["keys"][login] = text
for name, target, values in given["measures"]:
    kpi = env["kpi.definition"].create(
        {
            "name": name,
            "computation": "manual",
            "direction": "higher",
            "frequency": "month",
            "history_start": "2015-10-01",
        }
    )
    report = kpi._track_for("company", env.company)
    report.owner_id = people["emma"]
    env["kpi.target"].create(
        {"report_id": report.id, "date_from": "2015-10-01", "value": target}
    )
    rows = [
        (report.id, date.fromisoformat(month), value)
        for month, value in [*values, (given["before_last"], target)]
    ]
    env["kpi.measurement"]._upsert("month", rows, source="import")
    told["reports"].append(report.id)
env.cr.commit()
print("told", json.dumps(told))
"""


def wait_for(find, what, seconds=ANSWER):
    """What ``find`` returns, once it is something."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.25)  # each look may be a request
    return found


class Receiver(ThreadingHTTPServer):
    """Takes webhooks, and keeps what is signed as Standard Webhooks 1.0 says.

    :ivar secret: what it was told when the webhook was made
    :ivar forged: how many messages were not signed so
    """

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Hook)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/kpi"
        self.secret, self.events, self.forged = "", [], 0

    def is_genuine(self, headers, body):
        message_id, moment = headers["webhook-id"], headers["webhook-timestamp"]
        key = base64.b64decode(self.secret.split("_", 1)[1])
        signed = b".".join([message_id.encode(), moment.encode(), body])
        mac = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        is_fresh = abs(time.time() - int(moment)) < 300
        return is_fresh and f"v1,{mac}" in headers["webhook-signature"].split()

    def find(self, kind):
        """Items of the events of a type."""
        bodies = [body for body in self.events if body["type"] == kind]
        return [item for body in bodies for item in body["data"]["items"]]

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error):
        self.shutdown()
        self.server_close()


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.is_genuine(self.headers, body):
            self.server.events.append(json.loads(body))
        else:
            self.server.forged += 1
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments):
        """Say nothing: the test looks at what came."""


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_arguments):
        return None


class Person:
    """Somebody at a browser, by a session of their own, and their REST key."""

    def __init__(self, url, key=""):
        self.url, self.key = url, key
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()), _Stay())

    def ask(self, method, url, body=None, **headers):
        """Status, headers and text of an answer."""
        request = Request(url, body, headers, method=method)
        try:
            with self.opener.open(request, timeout=SECONDS) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def rest(self, method, path, **body):
        data = json.dumps(body).encode() if body else None
        key = {"Authorization": f"Bearer {self.key}"}
        key["Content-Type"] = "application/json"
        status, _headers, text = self.ask(method, self.url + path, data, **key)
        assert status < 300, text
        return json.loads(text)

    def log_in(self, database, login):
        self.post(
            "/web/session/authenticate", db=database, login=login, password=PASSWORD
        )
        return self

    def call(self, model, method, *arguments, **named):
        return self.post(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=arguments,
            kwargs=named,
        )

    def refused(self, model, method, *arguments):
        """Why what ``call`` would do is refused."""
        answer = self._send(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=arguments,
            kwargs={},
        )
        return answer["error"]["data"]["message"]

    def post(self, path, **parameters):
        answer = self._send(path, **parameters)
        assert "error" not in answer, json.dumps(answer)[:2000]
        return answer["result"]

    def _send(self, path, **parameters):
        data = json.dumps({"params": parameters}).encode()
        kind = {"Content-Type": "application/json"}
        status, _headers, text = self.ask("POST", self.url + path, data, **kind)
        assert status == 200, text[:2000]
        return json.loads(text)

    def alert_me(self, report_id):
        """The rule that the dialog of a KPI's form makes, as it is proposed."""
        action = self.call("kpi.report", "action_alert_me", [report_id])
        specification = {"report_ids": {}, "threshold": {}, "summary": {}}
        proposed = self.call(
            action["res_model"], "onchange", [], {}, [], specification,
            context=action["context"],
        )  # fmt: skip
        assert proposed["value"]["threshold"] == 80.0
        rows = self.call(
            action["res_model"], "web_save", [], {},
            specification=specification, context=action["context"],
        )  # fmt: skip
        assert [row["report_ids"] for row in rows] == [[report_id]]
        return rows[0]["id"]


class Walk:
    """A server that sends by itself, and whoever it sends to."""

    def __init__(self, server, smtp, receiver, told):
        self.server, self.smtp, self.receiver = server, smtp, receiver
        self.report_ids = told["reports"]
        self.emma, self.mia, self.olga, self.admin = (
            Person(server.url, told["keys"][login])
            for login in ("emma", "mia", "olga", "admin")
        )
        for login in ("emma", "mia", "olga"):
            getattr(self, login).log_in(server.database, login)

    def mails(self, login):
        """Messages about measures that somebody has got, oldest first."""
        with self.smtp.lock:
            received = list(self.smtp.received)
        return [
            mail
            for mail in received
            if f"{login}@example.com" in mail["To"] and "Measure" in mail["Subject"]
        ]


def prepare(server, given, text=PREPARE):
    """Have the people and KPIs made; what they are."""
    said = run(server.database, "script", text % json.dumps(given))
    return json.loads(said.partition("told ")[2].splitlines()[0])
