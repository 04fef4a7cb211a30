from odoo.tests import tagged

from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase

from ..models.tat_case import TatCase

LATE = "2026-03-24 12:00:00"  # an hour of work after the due time


class LateClicks:
    """Late decisions as people click them: they need a delay reason."""

    def setUp(self):
        super().setUp()
        self.late = self._submit(amount=100.0)

    def _click(self, path, tour):
        self.env.flush_all()
        with self._at(LATE):
            self.start_tour(path, f"kpi_workflow_tat.{tour}", login=self.ann.login)
        self.env.invalidate_all()

    def _check(self, request, decision, reason, note=False):
        row = self._get_row(request, self.ann)
        self.assertEqual(row.decision, decision)
        self.assertEqual(row.delay_reason_id.name or "", reason)
        self.assertEqual(row.delay_note, note)


@tagged("post_install", "-at_install")
class TestKpiTatLateClicks(LateClicks, TatCase, OwnCursorCase):
    """On a desktop: also in lists and forms."""

    def test_several_of_which_some_are_late(self):
        more = self._submit()
        with self._at("2026-03-24 11:00:00"):
            new = self._submit()
        self._click("/odoo/my-approvals", "late_decisions")
        self._check(self.late, "approved", "Workload", "Month end")
        self._check(more, "approved", "Workload", "Month end")
        self._check(new, "approved", "")

    def test_a_late_rejection(self):
        self._click(f"/odoo/tat-requests/{self.late.id}", "late_rejection")
        self._check(self.late, "rejected", "Absence")


@tagged("post_install", "-at_install")
class TestKpiTatLateClicksOnPhone(LateClicks, TatCase, OwnCursorCase):
    """On a phone: also on cards."""

    browser_size = "390x844"
    touch_enabled = True

    def test_a_late_rejection(self):
        self._click("/odoo/my-approvals", "late_rejection_card")
        self._check(self.late, "rejected", "Absence")
