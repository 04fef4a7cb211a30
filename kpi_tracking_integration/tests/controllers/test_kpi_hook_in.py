import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

from standardwebhooks.webhooks import Webhook

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
ROWS = [
    {"kpi": "api_visits", "day": "2026-01-15", "n": 12.5},
    {"kpi": "api_visits", "day": "2026-02-01T08:00:00Z", "n": "7"},
]


@tagged("post_install", "-at_install")
class TestKpiHookIn(KpiApiCase):
    """Another system sends values to a hook, over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(
            patch(
                "odoo.addons.base.models.ir_cron.IrCron._commit_progress",
                lambda *_a, **_k: 1,
            )
        )

    def _hook(self, **values):
        hooks = self.env["kpi.hook"].with_user(self.people["officer"])
        hook = hooks.create(
            {
                "name": "Shop",
                "rows_pointer": "/rows",
                "kpi_pointer": "/kpi",
                "day_pointer": "/day",
                "value_pointer": "/n",
                **values,
            }
        )
        return hook.sudo()

    def _send(self, hook, message, key="msg_1", *, minutes=0, secret=None, path=None):
        """The answer to a message, signed by the package of the specification."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        moment = datetime.fromtimestamp(int(time.time()) + minutes * 60, UTC)
        secret = secret or hook._read_secret("secret")
        headers = {
            "Content-Type": "application/json",
            "webhook-id": key,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(secret).sign(key, moment, body.decode()),
        }
        return self._post(path or f"/kpi/in/{hook.token}", body, headers)

    def _post(self, path, body, headers):
        self.env.flush_all()
        answer = self.url_open(
            path, data=body, headers=headers, timeout=60, method="POST"
        )
        self.env.invalidate_all()
        return answer

    def _values_of(self, report):
        facts = self.env["kpi.measurement"].search([("report_id", "=", report.id)])
        return {fact.period_start: fact.value for fact in facts}

    def test_a_message_becomes_values(self):
        hook = self._hook()
        answer = self._send(hook, {"rows": ROWS})
        self.assertEqual(answer.status_code, 200, answer.text)
        said = answer.json()
        self.assertEqual((said["added"], said["refused"]), (2, 0))
        self.assertEqual([one["outcome"] for one in said["results"]], ["added"] * 2)
        self.assertEqual(self._values_of(self.report), {JANUARY: 12.5, FEBRUARY: 7})
        # the correction of one, and one as before
        rows = [{**ROWS[0], "n": 13}, ROWS[1]]
        said = self._send(hook, {"rows": rows}, "msg_2").json()
        self.assertEqual((said["changed"], said["unchanged"]), (1, 1))
        self.assertEqual(self._values_of(self.report), {JANUARY: 13, FEBRUARY: 7})
        self.assertEqual(len(hook.message_ids), 2)

    def test_the_same_id_twice_is_taken_once(self):
        hook = self._hook()
        self._send(hook, {"rows": ROWS})
        said = self._send(hook, {"rows": [{**ROWS[0], "n": 99}]})
        self.assertEqual(said.status_code, 200)
        self.assertTrue(said.json()["is_repeated"])
        self.assertEqual(self._values_of(self.report)[JANUARY], 12.5)
        self.assertEqual(len(hook.message_ids), 1)
        # another hook has ids of its own
        other = self._hook(name="Other")
        self.assertFalse(self._send(other, {"rows": ROWS}).json()["is_repeated"])

    def test_old_messages_and_wrong_clocks_are_said_on_the_form(self):
        hook = self._hook()
        for minutes in (-6, 10):
            hook.last_error = False
            answer = self._send(hook, {"rows": ROWS}, minutes=minutes)
            self.assertProblem(answer, "unauthorized")
            self.assertIn("more than 5 minutes. Check both clocks", hook.last_error)
        self.assertEqual(self._values_of(self.report), {})
        self.assertFalse(hook.message_ids)
        # what works again says so
        self._send(hook, {"rows": ROWS})
        self.assertFalse(hook.last_error)

    def test_strangers_are_refused(self):
        hook = self._hook()
        other = "whsec_" + base64.b64encode(b"x" * 24).decode()
        self.assertProblem(
            self._send(hook, {"rows": ROWS}, secret=other), "unauthorized"
        )
        self.assertIn("has a wrong signature", hook.last_error)
        headers = {"Content-Type": "application/json"}
        path = f"/kpi/in/{hook.token}"
        self.assertProblem(self._post(path, b"{}", headers), "unauthorized")
        for path in ("/kpi/in/none", "/kpi/in/a%00b", "/kpi/in/" + "x" * 3000):
            self.assertProblem(self._send(hook, {}, path=path), "not-found")
        hook.active = False
        self.assertProblem(self._send(hook, {"rows": ROWS}), "not-found")
        self.assertEqual(self._values_of(self.report), {})

    def test_who_fails_often_waits(self):
        hook = self._hook()
        headers = {"Content-Type": "application/json"}
        path = f"/kpi/in/{hook.token}"
        with patch("odoo.addons.kpi_base.rest.link_page.VISITS_PER_MINUTE", 2):
            answers = [self._post(path, b"{}", headers) for _number in range(4)]
        self.assertProblem(answers[-1], "too-many-requests")
        self.assertGreaterEqual(int(answers[-1].headers["Retry-After"]), 1)
        # who signs does not
        self.assertEqual(self._send(hook, {"rows": ROWS}).status_code, 200)

    def test_a_broken_secret_is_said(self):
        hook = self._hook()
        self.env["kpi.secret"]._store(hook, "secret", "broken")
        secret = "whsec_" + base64.b64encode(b"x" * 24).decode()
        answer = self._send(hook, {"rows": ROWS}, secret=secret)
        self.assertProblem(answer, "unauthorized")
        self.assertEqual(
            hook.last_error, "The signing secret is missing. Choose “New Secret”."
        )

    def test_what_is_no_message_is_said(self):
        hook = self._hook()
        deep = b'{"rows":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
        for body, slug in (
            (b"<html>", "malformed-body"),
            (b"", "malformed-body"),
            (b'{"rows": [], "rows": []}', "malformed-body"),
            (b'{"rows": [NaN]}', "malformed-body"),
            (deep, "malformed-body"),
            (b'"' + b"x" * 2**20 + b'"', "too-large"),
        ):
            self.assertProblem(self._send(hook, body), slug)
        self.assertFalse(hook.message_ids)
        # refused before it was known: the id may come again
        self.assertEqual(self._send(hook, {"rows": ROWS}).json()["added"], 2)

    def test_what_cannot_be_stored_is_refused_row_by_row(self):
        hook = self._hook()
        rows = [{**ROWS[0], "kpi": "a\x00b"}, {**ROWS[0], "kpi": "\ud800"}, ROWS[1]]
        said = self._send(hook, {"rows": rows}).json()
        self.assertEqual((said["added"], said["refused"]), (1, 2))
        self.assertIn("is not a name", said["results"][0]["detail"])
        hook.invalidate_recordset()
        self.assertIn("\\u0000", hook.sample)

    def test_what_is_refused_is_sent_again_once_the_mapping_is_right(self):
        hook = self._hook(value_pointer="/amount", day_pointer="/day")
        message = {"rows": [ROWS[0], {**ROWS[1], "amount": 5}]}
        said = self._send(hook, message).json()
        self.assertEqual(
            [one["outcome"] for one in said["results"]], ["refused", "added"]
        )
        self.assertEqual(said["results"][0]["detail"], "“/amount” was not found.")
        self.assertEqual(hook.refused_count, 1)
        self.assertEqual(hook.message_ids.reason, "“/amount” was not found.")
        hook.value_pointer = "/n"
        hook.with_user(self.people["officer"]).action_send_again()
        # only what was refused: the other stays as it was taken
        self.assertEqual(self._values_of(self.report), {JANUARY: 12.5, FEBRUARY: 5})
        self.assertEqual(hook.refused_count, 0)
        self.assertEqual(hook.message_ids.added_count, 2)

    def _resend(self, hook):
        hook.with_user(self.people["officer"]).action_send_again()
        self.env.invalidate_all()

    def _age_values(self):
        """Have the values of the KPI recorded long ago."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kpi_measurement SET recorded_at = %s WHERE report_id = %s",
            [datetime(2026, 1, 1), self.report.id],
        )
        self.env.invalidate_all()

    def test_a_message_sent_again_is_of_the_day_it_arrived(self):
        hook = self._hook(value_pointer="/amount", day_pointer=False)
        self._send(hook, {"rows": [{"kpi": "api_visits", "n": 5}]})
        hook.message_ids.received_at = datetime(2026, 1, 20, 12)
        hook.value_pointer = "/n"
        self._resend(hook)
        self.assertEqual(self._values_of(self.report), {JANUARY: 5})

    def test_values_given_since_a_message_stay(self):
        hook = self._hook(value_pointer="/amount")
        self._send(hook, {"rows": [ROWS[0]]}, "old")
        self._send(hook, {"rows": [{**ROWS[0], "n": 20}, ROWS[1]]}, "new")
        old, new = hook.message_ids.sorted("id")
        old.received_at -= timedelta(days=2)
        new.received_at -= timedelta(days=1)
        hook.value_pointer = "/n"
        # a person has entered February since
        self.env["kpi.measurement"]._upsert(
            "month", [(self.report.id, FEBRUARY, 8.0)], source="manual"
        )
        self._resend(hook)
        self.assertEqual(self._values_of(self.report), {JANUARY: 20, FEBRUARY: 8})
        for message in (old, new):
            self.assertEqual(message.refused_count, 1)
            self.assertEqual(message.reason, "This period has a newer value.")

    def test_a_value_removed_since_a_message_stays_removed(self):
        hook = self._hook(value_pointer="/amount")
        self._send(hook, {"rows": [ROWS[0]]})
        hook.message_ids.received_at -= timedelta(days=1)
        facts = self.env["kpi.measurement"]
        facts._upsert("month", [(self.report.id, JANUARY, 8.0)], source="manual")
        facts.search([("report_id", "=", self.report.id)])._remove("Wrong")
        hook.value_pointer = "/n"
        self._resend(hook)
        self.assertEqual(self._values_of(self.report), {})

    def test_an_older_value_is_replaced_by_a_message_sent_again(self):
        self.env["kpi.measurement"]._upsert(
            "month", [(self.report.id, JANUARY, 8.0)], source="manual"
        )
        self._age_values()
        hook = self._hook(value_pointer="/amount")
        self._send(hook, {"rows": [ROWS[0]]})
        hook.value_pointer = "/n"
        self._resend(hook)
        self.assertEqual(self._values_of(self.report), {JANUARY: 12.5})

    def test_second_rows_of_a_period_are_never_written(self):
        hook = self._hook()
        self._send(hook, {"rows": [ROWS[0]]})
        # the first row changes nothing, so that its value is older than the message
        self._age_values()
        rows = [ROWS[0], {**ROWS[0], "n": 99}, {**ROWS[1], "n": "many"}]
        said = self._send(hook, {"rows": rows}, "msg_2").json()
        self.assertEqual(
            [one["outcome"] for one in said["results"]],
            ["unchanged", "refused", "refused"],
        )
        self.assertEqual({*said["results"][1]}, {"index", "outcome", "detail"})
        for _time in range(2):
            self._resend(hook)
            self.assertEqual(self._values_of(self.report), {JANUARY: 12.5})
            self.assertEqual(hook.refused_count, 2)

    def test_a_message_that_cannot_be_read_is_dismissed(self):
        hook = self._hook()
        self._send(hook, {"rows": [{**ROWS[0], "n": "many"}]})
        message = hook.message_ids
        self.assertEqual((message.state, hook.refused_count), ("errors", 1))
        stranger = self._person_elsewhere(self.env["res.company"].create({"name": "X"}))
        with self.assertRaises(AccessError):
            message.with_user(stranger).action_dismiss()
        with self.assertRaises(AccessError):
            message.with_user(self.people["user"]).action_dismiss()
        message.with_user(self.people["officer"]).action_dismiss()
        self.assertEqual((message.state, hook.refused_count), ("dismissed", 0))
        # nothing of it is tried again
        hook.value_pointer = "/day"
        self._resend(hook)
        self.assertEqual(message.state, "dismissed")

    def test_a_message_without_mapping_waits_for_one(self):
        hook = self._hook(rows_pointer=False, kpi_pointer=False, value_pointer=False)
        said = self._send(hook, {"data": ROWS}).json()
        (one,) = said["results"]
        self.assertIsNone(one["index"])
        self.assertEqual(one["detail"], "Choose a KPI or enter the path to its code.")
        hook.write({"rows_pointer": "/data", "kpi_pointer": "/kpi"})
        hook.message_ids.with_user(self.people["officer"]).action_send_again()
        self.assertIn("Enter the path to the value", hook.message_ids.reason)
        hook.value_pointer = "/n"
        hook.message_ids.with_user(self.people["officer"]).action_send_again()
        self.assertEqual(self._values_of(self.report), {JANUARY: 12.5, FEBRUARY: 7})

    def test_pointers_are_tried_while_they_are_typed(self):
        hook = self._hook(rows_pointer=False, kpi_pointer=False, value_pointer=False)
        self._send(
            hook,
            {"data": [*ROWS, {"kpi": "nothing", "n": 1, "day": "2026-01-01"}, ROWS[0]]},
        )
        with Form(hook.with_user(self.people["officer"])) as form:
            self.assertIn("api_visits", form.sample)
            form.definition_id = self.definition
            self.assertIn("Enter the path to the value", form.preview)
            form.value_pointer = "/n"
            self.assertIn("“/day” was not found.", form.preview)
            form.rows_pointer = "/data"
            self.assertIn("12.5", form.preview)
            form.definition_id = self.env["kpi.definition"]
            form.kpi_pointer = "/kpi"
            self.assertIn("This KPI does not exist.", form.preview)
            self.assertIn("Duplicate period in this request.", form.preview)
            form.day_pointer = "n"
            self.assertIn("is not a path", form.preview)
            form.day_pointer = "/day"
        self.assertEqual(self._values_of(self.report), {})
        with self.assertRaisesRegex(ValidationError, "Day: “day” is not a path"):
            hook.day_pointer = "day"

    def test_values_of_people_by_login(self):
        user = self.people["user"]
        hook = self._hook(
            definition_id=self.definition.id,
            scope_type="user",
            scope_pointer="/who",
        )
        # in any case, as imports find people
        user.email = "Some.One@Nordwind.test"
        rows = [
            {**ROWS[0], "who": user.login.upper()},
            {**ROWS[1], "who": "nobody@x.test"},
        ]
        said = self._send(hook, {"rows": rows}).json()
        self.assertEqual((said["added"], said["refused"]), (1, 1))
        self.assertIn("not found in", said["results"][1]["detail"])
        self.assertEqual(self._values_of(self.own_report), {JANUARY: 12.5})
        rows = [{**ROWS[1], "who": "some.one@NORDWIND.test"}]
        self._send(hook, {"rows": rows}, "msg_2")
        self.assertEqual(self._values_of(self.own_report), {JANUARY: 12.5, FEBRUARY: 7})

    def test_kpis_of_another_company_are_not_there(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self._definition("Foreign", "api_foreign", company_id=other.id)
        report = foreign._track_for("company", other)
        hook = self._hook()
        said = self._send(hook, {"rows": [{**ROWS[0], "kpi": "api_foreign"}]}).json()
        self.assertEqual(said["results"][0]["detail"], "This KPI does not exist.")
        self.assertEqual(self._values_of(report), {})
        # nor the hook for an officer there
        stranger = self._person_elsewhere(other)
        self.assertFalse(self.env["kpi.hook"].with_user(stranger).search([]))
        self.assertFalse(self.env["kpi.hook.message"].with_user(stranger).search([]))

    def _person_elsewhere(self, company):
        person = self.people["admin"].copy({"login": "hook_elsewhere"})
        person.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        return person

    def test_rights_that_were_withdrawn_keep_the_message(self):
        hook = self._hook()
        officers = self.env.ref("kpi_base.kpi_base_group_officer")
        self.people["officer"].group_ids -= officers
        said = self._send(hook, {"rows": ROWS}).json()
        self.assertIn("is no longer a KPI officer", said["results"][0]["detail"])
        self.assertEqual(self._values_of(self.report), {})
        self.people["officer"].group_ids |= officers
        hook.with_user(self.people["officer"]).action_send_again()
        self.assertEqual(len(self._values_of(self.report)), 2)

    def test_hubspot_signs_its_own_way(self):
        hook = self._hook(signed_by="hubspot", secret="app-secret", rows_pointer=False)
        body, moment = json.dumps(ROWS).encode(), str(int(time.time() * 1000))
        content = f"POST{hook.address}".encode() + body + moment.encode()
        digest = hmac.new(b"app-secret", content, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "X-HubSpot-Request-Timestamp": moment,
            "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
        }
        path = f"/kpi/in/{hook.token}"
        self.assertEqual(self._post(path, body, headers).json()["added"], 2)
        self.assertTrue(self._post(path, body, headers).json()["is_repeated"])
        self.assertProblem(self._post(path, body + b" ", headers), "unauthorized")

    def test_an_integration_is_read_at_once(self):
        integration = self.env["kpi.integration"].with_user(self.people["officer"])
        integration = integration.create(
            {
                "name": "Deals",
                "integration_type": "hubspot",
                "definition_id": self.definition.id,
            }
        )
        with self.assertRaisesRegex(ValidationError, "add an inbound hook"):
            integration.sync_frequency = "real_time"
        hook = self._hook(integration_id=integration.id, value_pointer=False)
        integration.sync_frequency = "real_time"
        # off: nothing is read
        self.assertEqual(self._send(hook, {"event": 1}).json()["refused"], 0)
        self.assertFalse(integration.next_sync_at)
        integration.action_turn_on()
        integration.sudo()._note_end("", None, integration.next_sync_at)
        # read, and never by a clock
        self.assertFalse(integration.next_sync_at)
        self.assertEqual(integration.sync_status, "active")
        self._send(hook, {"event": 2}, "msg_2")
        due = integration.next_sync_at
        self.assertLessEqual(due, fields.Datetime.now())
        # a message that comes while it is read has it read again
        before = due - timedelta(seconds=5)
        integration.sudo()._note_end("", None, before)
        self.assertEqual(integration.next_sync_at, due)

    def test_messages_are_kept_while_they_are_of_use(self):
        hook = self._hook()
        for number in range(3):
            rows = [{**ROWS[0], "kpi": "nothing"}] if number else ROWS
            self._send(hook, {"rows": rows}, f"msg_{number}")
        taken, refused, old = hook.message_ids.sorted("id")
        now = fields.Datetime.now()
        taken.received_at = refused.received_at = now - timedelta(days=8)
        old.received_at = now - timedelta(days=31)
        self.env.flush_all()
        self.env["kpi.hook.message"]._gc_old()
        self.env.invalidate_all()
        self.assertEqual(hook.message_ids, refused)

    def test_thousands_of_rows_take_as_many_statements_as_few(self):
        hook = self._hook(day_pointer="/day")
        names = [f"api_hook_{number}" for number in range(40)]
        for name in names:
            definition = self._definition(name, name)
            definition._track_for("company", self.env.company)
        rows = [{"kpi": name, "day": "2026-01-01", "n": 1} for name in names]
        counts = []
        for key, part in (("warm", rows[:1]), ("few", rows[:3]), ("many", rows[3:])):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            hook._receive(key, json.dumps({"rows": part}).encode())
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 2)

    def test_a_secret_is_made_and_shown_once(self):
        hook = self._hook()
        first = hook._read_secret("secret")
        self.assertTrue(first.startswith("whsec_"))
        action = hook.with_user(self.people["officer"]).action_new_secret()
        second = hook._read_secret("secret")
        self.assertEqual(action["context"]["default_key"], second)
        self.assertNotEqual(first, second)
        self.assertProblem(self._send(hook, {}, secret=first), "unauthorized")
        with self.assertRaisesRegex(ValidationError, "whsec_"):
            hook.secret = "mine"

    def test_messages_are_posted(self):
        hook = self._hook()
        for each in (f"/kpi/in/{hook.token}", "/kpi/in/none"):
            for method in ("GET", "DELETE"):
                answer = self.url_open(each, method=method)
                body = self.assertProblem(answer, "method-not-allowed")
                self.assertEqual(body["status"], 405)
                self.assertIn("POST", answer.headers["Allow"])
