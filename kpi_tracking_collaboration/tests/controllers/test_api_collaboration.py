from odoo import Command
from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase


@tagged("post_install", "-at_install")
class TestApiCollaboration(KpiApiCase):
    """Discussions and actions as programs read and write them."""

    def _open(self, who="officer", **body):
        values = {"kpi_id": self.own_report.id, "name": "Why?", **body}
        return self.ask("/discussions", method="POST", json=values, who=who)

    def _add(self, who="officer", **body):
        values = {"description": "Call", **body}
        return self.ask("/actions", method="POST", json=values, who=who)

    def test_a_discussion_is_opened_changed_and_closed(self):
        self.env["kpi.measurement"]._upsert(
            "month", [(self.own_report.id, "2026-02-01", 7.0)], source="manual"
        )
        self.own_report._refresh_current()
        self.env.flush_all()
        answer = self._open(who="user", period_start="2026-02-10")
        self.assertEqual(answer.status_code, 201)
        made = answer.json()
        self.assertEqual(made["kpi"]["id"], self.own_report.id)
        self.assertEqual((made["grain"], made["period_start"]), ("month", "2026-02-01"))
        self.assertEqual((made["value"], made["value_today"]), (7.0, 7.0))
        self.assertEqual(made["state"], "open")
        path = f"/discussions/{made['id']}"
        change = {"decision": "Wait", "state": "closed"}
        closed = self.ask(path, method="PATCH", json=change, who="user").json()
        self.assertEqual((closed["decision"], closed["state"]), ("Wait", "closed"))
        listed = self.ask("/discussions?state=closed", who="user").json()["items"]
        self.assertEqual([each["id"] for each in listed], [made["id"]])
        reopened = self.ask(path, method="PATCH", json={"state": "open"}, who="user")
        self.assertEqual(reopened.json()["state"], "open")

    def test_of_a_kpi_that_one_may_not_see_there_is_nothing(self):
        answer = self._open(kpi_id=self.report.id)
        self.assertEqual(answer.status_code, 201)
        path = f"/discussions/{answer.json()['id']}"
        self.assertProblem(self.ask(path, who="user"), "not-found")
        self.assertEqual(self.ask("/discussions", who="user").json()["items"], [])
        hidden = self._open(who="user", kpi_id=self.report.id)
        self.assertProblem(hidden, "not-found")
        hidden = self._add(who="user", report_id=self.report.id)
        self.assertProblem(hidden, "not-found")
        hidden = self._add(who="user", discussion_id=answer.json()["id"])
        self.assertProblem(hidden, "not-found")

    def test_who_only_sees_the_kpi_does_not_change_what_others_said(self):
        path = f"/discussions/{self._open().json()['id']}"
        refused = self.ask(path, method="PATCH", json={"decision": "X"}, who="user")
        self.assertProblem(refused, "forbidden")

    def test_an_action_is_added_done_and_its_effect_read(self):
        discussion = self._open(who="user").json()
        made = self._add(
            who="user", discussion_id=discussion["id"], due_date="2026-01-31"
        )
        self.assertEqual(made.status_code, 201)
        item = made.json()
        self.assertEqual(item["report"]["id"], self.own_report.id)
        self.assertEqual(item["assigned_to"]["id"], self.people["user"].id)
        self.assertTrue(item["is_overdue"])
        path = f"/actions/{item['id']}"
        late = self.ask("/actions?is_overdue=true", who="user").json()["items"]
        self.assertIn(item["id"], [each["id"] for each in late])
        change = {"status": "completed", "due_date": None}
        done = self.ask(path, method="PATCH", json=change, who="user").json()
        self.assertEqual((done["status"], done["due_date"]), ("completed", None))
        self.assertTrue(done["effective_date"])
        effect = self.ask(f"{path}/effect", who="user").json()
        self.assertEqual((effect["change"], effect["low"]), (None, None))
        self.assertIn("Too early", effect["text"])

    def test_an_action_is_about_something(self):
        self.assertProblem(self._add(), "invalid")
        self.assertProblem(
            self._add(report_id=self.own_report.id, description=" "), "invalid"
        )

    def test_nobody_is_given_one_who_may_not_see_the_kpi(self):
        answer = self._add(report_id=self.report.id, assigned_to=self.people["user"].id)
        self.assertEqual(answer.status_code, 422)
        self.assertIn("cannot see this KPI", answer.text)

    def _plan(self, who="officer", **body):
        values = {
            "group_id": self.scorecard.id,
            "name": "March",
            "starts_at": "2026-03-10T10:00:00+01:00",
            **body,
        }
        return self.ask("/reviews", method="POST", json=values, who=who)

    def test_a_review_is_planned_and_its_minutes_sent(self):
        self._score(self.own_report, member_ids=self.people["user"].ids)
        answer = self._plan(participant_ids=self.people["user"].ids, has_agenda=True)
        self.assertEqual(answer.status_code, 201, answer.text)
        made = answer.json()
        self.assertEqual(made["starts_at"], "2026-03-10T09:00:00Z")
        self.assertEqual(made["group"]["id"], self.scorecard.id)
        self.assertEqual(made["user"]["id"], self.people["officer"].id)
        path = f"/reviews/{made['id']}"
        meeting = self.env["kpi.review.meeting"].browse(made["id"])
        meeting.line_ids = [
            Command.create({"report_id": report.id, "note": "Said"})
            for report in (self.own_report, self.report)
        ]
        self.env.flush_all()
        agenda = self.ask(f"{path}/agenda", who="user").json()["items"]
        self.assertEqual(
            [(each["report"]["id"], each["note"]) for each in agenda],
            [(self.own_report.id, "Said")],
        )
        listed = self.ask("/reviews?state=planned&sort=-starts_at", who="user").json()
        self.assertEqual([each["id"] for each in listed["items"]], [made["id"]])
        for body in ({"minutes": "X"}, {}):
            refused = self.ask(f"{path}/minutes", method="POST", json=body, who="user")
            self.assertProblem(refused, "forbidden")
        body = {"minutes": "We met.", "is_sent": False}
        noted = self.ask(f"{path}/minutes", method="POST", json=body).json()
        self.assertEqual(
            (noted["minutes"], noted["minutes_sent_at"]), ("We met.", None)
        )
        sent = self.ask(f"{path}/minutes", method="POST", json={}).json()
        self.assertEqual(sent["minutes"], "We met.")
        self.assertTrue(sent["minutes_sent_at"])
        self.assertEqual(self.ask(path, who="user").json(), sent)

    def test_of_a_scorecard_that_one_may_not_see_there_is_nothing(self):
        self._score(self.report)
        path = f"/reviews/{self._plan().json()['id']}"
        for hidden in (path, f"{path}/agenda"):
            self.assertProblem(self.ask(hidden, who="user"), "not-found")
        hidden = self.ask(f"{path}/minutes", method="POST", json={}, who="user")
        self.assertProblem(hidden, "not-found")
        self.assertProblem(self._plan(who="user"), "not-found")
        self.assertEqual(self.ask("/reviews", who="user").json()["items"], [])

    def test_nobody_is_invited_who_is_not_there_or_may_not_see_it(self):
        self._score(self.report)
        for ids, text in (
            (self.people["user"].ids, "cannot see this scorecard"),
            ([2_000_000_000], "No user has the ID"),
        ):
            answer = self._plan(participant_ids=ids)
            self.assertEqual(answer.status_code, 422)
            self.assertIn(text, answer.text)
        self.assertProblem(self._plan(starts_at="2026-03-10T10:00:00"), "invalid")

    def _score(self, report, **values):
        self.scorecard = self.env["kpi.report.group"].create(
            {
                "name": "Board",
                "owner_id": self.people["officer"].id,
                "line_ids": [Command.create({"report_id": report.id})],
                **values,
            }
        )
        self.env.flush_all()
