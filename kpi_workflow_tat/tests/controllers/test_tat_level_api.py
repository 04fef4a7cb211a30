from odoo.tests import tagged

from .tat_api_case import TatApiCase

# As the document that asked for reminders names the columns.
COLUMNS = {
    "alert_id",
    "request_id",
    "level_id",
    "approver_id",
    "alert_type",
    "threshold_percentage",
    "tat_hours_allocated",
    "tat_hours_elapsed",
    "tat_hours_remaining",
    "level_start_time",
    "alert_sent_at",
    "expected_completion_time",
    "alert_message",
    "notification_sent",
    "notification_channels",
    "is_breached",
    "was_completed_on_time",
    "completion_time",
    "metadata",
    "created_at",
}


@tagged("post_install", "-at_install")
class TestTatLevelApi(TatApiCase):
    """Clocks and reminders as programs read them."""

    def _remind(self, *moments):
        """The sweeps at these moments of Tuesday, 24 March (UTC)."""
        for moment in moments:
            with self._at(f"2026-03-24 {moment}"):
                self._sweep()
                self.env.flush_all()

    def test_clocks_tell_what_has_elapsed(self):
        request, _path = self._make_pending()
        row = self._get_row(request, self.ann)
        with self._at("2026-03-24 07:30:00"):  # 8:30: 3 h of Monday, half of Tuesday
            page = self.ask(f"/levels?request_id={request.id}&clock=running", "ina")
            (level,) = page.json()["items"]
        self.assertEqual(level["id"], row.id)
        self.assertEqual(level["request"]["id"], request.id)
        self.assertEqual(level["approver"]["id"], self.ann.id)
        self.assertEqual((level["level_number"], level["attempt"]), (1, 1))
        self.assertEqual((level["decision"], level["decided_at"]), ("asked", None))
        self.assertEqual(level["tat_hours_allocated"], 6.0)
        self.assertEqual(level["tat_hours_elapsed"], 3.5)
        self.assertEqual(level["tat_hours_remaining"], 2.5)
        self.assertEqual(level["due_at"], "2026-03-24T10:00:00Z")
        self.assertEqual(level["overdue_at"], "2026-03-24T10:00:01Z")
        self.assertIsNone(level["former"])
        waiting = self.ask(f"/levels?approver_id={self.cy.id}", "cy").json()["items"]
        (later,) = [each for each in waiting if each["request"]["id"] == request.id]
        self.assertEqual((later["clock"], later["decision"]), ("waiting", "later"))
        self.assertIsNone(later["due_at"])

    def test_the_statement_adds_up_to_the_clock(self):
        request, _path = self._make_pending()
        row = self._get_row(request, self.ann)
        with self._at("2026-03-24 07:30:00"):
            items = self.ask(f"/levels/{row.id}/statement", "ann").json()["items"]
        self.assertEqual(sum(each["seconds"] for each in items), 3.5 * 3600)
        self.assertEqual(items[0]["date_from"], "2026-03-23T13:00:00Z")
        self.assertEqual({each["kind"] for each in items}, {"counted", "closed"})

    def test_reminders_come_in_the_order_sent(self):
        request, path = self._make_pending()
        row = self._get_row(request, self.ann)
        self.assertEqual(self.ask(f"{path}/alerts", "ina").json(), {"items": []})
        self._remind("07:00:00", "08:30:00", "10:00:01")
        items = self.ask(f"{path}/alerts", "ina").json()["items"]
        self.assertEqual(
            [each["alert_type"] for each in items], ["TAT_50", "TAT_75", "TAT_100"]
        )
        self.assertEqual(set(items[0]), COLUMNS | {"due_at"})
        first, last = items[0], items[-1]
        self.assertEqual(first["threshold_percentage"], 50)
        self.assertEqual(
            first["alert_message"], "⏳ 50% of SLA breach reminder have been sent"
        )
        self.assertEqual(first["alert_sent_at"], "2026-03-24T07:00:00Z")
        self.assertEqual((first["request_id"], first["level_id"]), (request.id, row.id))
        self.assertEqual(first["approver_id"], self.ann.id)
        self.assertEqual(first["notification_channels"], ["email"])
        self.assertEqual((first["is_breached"], last["is_breached"]), (False, True))
        self.assertEqual(first["tat_hours_elapsed"], 3.0)
        self.assertIsNone(first["was_completed_on_time"])
        self.assertIsNone(first["completion_time"])
        below = self.ask(f"/levels/{row.id}/alerts", "ina").json()["items"]
        self.assertEqual(below, items)
        below = self.ask(f"{path}/alerts?level_id={row.id}", "ina").json()["items"]
        self.assertEqual(below, items)

    def test_a_decision_says_of_reminders_whether_it_was_in_time(self):
        request, path = self._make_pending()
        self._remind("07:00:00")
        with self._at("2026-03-24 09:00:00"):
            self._send(f"{path}/decide", decision="approve")
        (alert,) = self.ask(f"{path}/alerts", "ina").json()["items"]
        self.assertIs(alert["was_completed_on_time"], True)
        self.assertEqual(alert["completion_time"], "2026-03-24T09:00:00Z")

    def test_of_requests_of_others_there_is_nothing(self):
        request, path = self._make_pending()
        other, _path = self._make_pending()
        row = self._get_row(request, self.ann)
        for below in ("", "/statement", "/alerts"):
            answer = self.ask(f"/levels/{row.id}{below}", "zoe")
            self.assertProblem(answer, "not-found")
        self.assertEqual(self.ask("/levels", "zoe").json()["items"], [])
        for level_id in (self._get_row(other, self.ann).id, 2**31 - 1):
            answer = self.ask(f"{path}/alerts?level_id={level_id}", "ina")
            self.assertProblem(answer, "not-found")
