from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .tat_case import TatCase, utc


@tagged("post_install", "-at_install")
class TestKpiTatThreshold(TatCase):
    """Templates that remind at percentages of their own."""

    def test_reminders_are_sent_at_the_percentages_of_the_template(self):
        self.template.reminder_percents = "25, 50, 90"
        request = self._submit()
        row = self._get_row(request, self.ann)
        # 6 h from Monday 14:00: 1:30, 3:00, 5:24
        self.assertEqual(row.next_due_at, utc("2026-03-23 14:30"))
        self.assertFalse(row.tat75_due_at)
        for moment, kinds in [
            ("2026-03-23 14:29:59", []),
            ("2026-03-23 14:30:00", ["TAT_25"]),
            ("2026-03-23 16:00:00", ["TAT_25", "TAT_50"]),
            ("2026-03-24 09:23:59", ["TAT_25", "TAT_50"]),
            ("2026-03-24 09:24:00", ["TAT_25", "TAT_50", "TAT_90"]),
            ("2026-03-24 10:00:01", ["TAT_25", "TAT_50", "TAT_90", "TAT_100"]),
        ]:
            with self.subTest(moment), self._at(moment):
                self._sweep()
                alerts = row.alert_ids.sorted("threshold_percentage")
                self.assertEqual(alerts.mapped("alert_type"), kinds)
        self.assertFalse(row.tat75_alert_sent)
        self.assertTrue(row.tat50_alert_sent and row.tat_breached)
        self.assertIn("90%", alerts[2].alert_message)
        self.assertEqual(alerts[2].due_at, utc("2026-03-24 09:24"))

    def test_after_downtime_only_the_highest_is_announced(self):
        self.template.reminder_percents = "25, 90"
        row = self._get_row(self._submit(), self.ann)
        with self._at("2026-03-24 09:30:00"):
            self._sweep()
        self.assertEqual(row.alert_ids.alert_type, "TAT_90")
        self.assertEqual(
            [
                one["threshold_percentage"]
                for one in row.alert_ids.metadata["superseded"]
            ],
            [25],
        )

    def test_without_percentages_only_what_is_overdue_is_told(self):
        self.template.reminder_percents = False
        row = self._get_row(self._submit(), self.ann)
        self.assertEqual(row.next_due_at, utc("2026-03-24 10:00:01"))
        with self._at("2026-03-24 10:00:01"):
            self._sweep()
        self.assertEqual(row.alert_ids.alert_type, "TAT_100")

    def test_a_changed_template_concerns_later_requests(self):
        first = self._get_row(self._submit(), self.ann)
        self.template.reminder_percents = "90"
        second = self._get_row(self._submit(), self.ann)
        self.assertEqual(first.next_due_at, utc("2026-03-23 16:00"))
        self.assertEqual(second.next_due_at, utc("2026-03-24 09:24"))
        numbers = [row.request_id.version_id.number for row in (first, second)]
        self.assertEqual(numbers, [1, 2])

    def test_whoever_takes_over_is_reminded_by_the_same_percentages(self):
        self.template.reminder_percents = "90"
        request = self._submit()
        request.with_user(self.ann).action_forward(self.bo.id, "On leave")
        row = self._get_row(request, self.bo)
        self.assertEqual(row.next_due_at, utc("2026-03-24 09:24"))

    def test_percentages_that_are_none_are_refused(self):
        for text in ("0", "100", "half", "50, 50"):
            with (
                self.subTest(text),
                self.assertRaises(ValidationError),
                self.cr.savepoint(),
            ):
                self.template.reminder_percents = text
