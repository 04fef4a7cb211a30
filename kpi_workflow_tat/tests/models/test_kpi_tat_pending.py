import math

from odoo.tests import Form, freeze_time, tagged

from .report_case import NOW, ReportCase


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestKpiTatPending(ReportCase):
    """Pending time by Kaplan–Meier: open requests count, others' requests do not."""

    def _open(self, user=None, **values):
        dialogs = self.env["kpi.tat.pending"].with_user(user or self.env.user)
        form = Form(dialogs.with_context(allowed_company_ids=self.env.companies.ids))
        for name, value in values.items():
            form[name] = value
        return form

    def _find_median(self, requests):
        """Time until half are decided, by the product of the shares that are left."""
        cases = []
        for one in requests:
            if one["submitted_at"]:
                end = one["decided_at"] or NOW
                is_decided = one["approval_state"] in ("approved", "rejected")
                hours = (end - one["submitted_at"]).total_seconds() / 3600
                cases.append((hours, is_decided))
        left = 1.0
        for hours in sorted({hours for hours, is_over in cases if is_over}):
            at_risk = sum(other >= hours for other, _ in cases)
            left *= 1 - sum(pair == (hours, True) for pair in cases) / at_risk
            if left <= 0.5:
                return hours
        return math.inf

    def test_the_median_is_the_estimate_with_open_ones(self):
        real = self._get_real(self.requests)
        median = self._find_median(real)
        decided = self._find_median(
            [one for one in real if one["approval_state"] in ("approved", "rejected")]
        )
        self.assertLess(decided, median)
        texts = {
            median: f"within {median:.3g} h" if median < 99.5 else f"{median:.0f} h",
            math.inf: "No median yet",
        }
        self.assertIn(texts[median], self._open().headline)

    def test_durations_have_the_unit_that_suits_their_size(self):
        dialogs = self.env["kpi.tat.pending"]
        for hours, text in (
            (None, "–"),
            (0.0123, "1 min"),
            (0.75, "45 min"),
            (1.2345, "1.23 h"),
            (335.6, "336 h"),
            (336.0, "14 days"),
        ):
            with self.subTest(hours):
                self.assertEqual(dialogs._say_hours(hours), text)

    def test_each_group_has_its_row(self):
        answer = str(self._open(group_by="priority").answer)
        self.assertEqual(answer.count("<tr>"), 3)
        for priority in ("standard", "express"):
            own = [
                one
                for one in self._get_real(self.requests)
                if one["priority"] == priority and one["submitted_at"]
            ]
            decided = sum(
                one["approval_state"] in ("approved", "rejected") for one in own
            )
            cells = answer.split(f">{priority.title()}<")[1].split("</tr>")[0]
            self.assertIn(f">{decided}<", cells)
            self.assertIn(f">{len(own) - decided}<", cells)
        for name in ("Sales", "Support", "Lab", "None"):
            self.assertIn(f">{name}<", str(self._open(group_by="department_id").answer))

    def test_others_requests_are_not_counted(self):
        ann = self.people[0]
        seen = (
            self.env["kpi.tat.request"]
            .with_user(ann)
            .with_context(allowed_company_ids=self.env.companies.ids)
            .search_count([("submitted_at", "!=", False), ("is_test", "=", False)])
        )
        real = [one for one in self._get_real(self.requests) if one["submitted_at"]]
        self.assertLess(seen, len(real))
        wizard = (
            self.env["kpi.tat.pending"]
            .with_user(ann)
            .with_context(allowed_company_ids=self.env.companies.ids)
        )
        rows = wizard.new({"group_by": "priority", "days": "365"})._read_groups()
        self.assertEqual(sum(map(len, rows.values())), seen)

    def test_nothing_to_count_says_so(self):
        self.env.cr.execute("DELETE FROM workflow_requests")
        self.env.invalidate_all()
        dialog = self._open()
        self.assertIn("No requests", dialog.headline)
        self.assertFalse(dialog.answer)
