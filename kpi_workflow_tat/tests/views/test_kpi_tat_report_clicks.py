from odoo.tests import HttpCase, tagged

from ..models.tat_case import TatCase

LATE = "2026-03-24 12:00:00"


@tagged("post_install", "-at_install")
class TestKpiTatReportClicks(TatCase, HttpCase):
    """Reports as people click them in the web client."""

    def setUp(self):
        super().setUp()
        self.late = self._submit()
        with self._at(LATE):
            self._sweep()

    def _open_page(self, tour):
        self.olga.group_ids = self.env.ref("kpi_base.kpi_base_group_officer")
        self.env.flush_all()
        with self._at(LATE):
            self.start_tour(
                "/odoo/approval-times",
                f"kpi_workflow_tat.{tour}",
                login=self.olga.login,
            )
        self.env.invalidate_all()

    def test_the_reports(self):
        reason = self.env.ref("kpi_base.kpi_approval_delay_reason_workload")
        with self._at(LATE):
            reason._explain_delay(self.late.with_user(self.ann)).action_approve()
        self._open_page("reports")

    def test_a_late_decision_without_a_reason(self):
        with self._at(LATE):
            self.late.with_user(self.ann).action_approve()
        self._open_page("late_reason")
        row = self._get_row(self.late, self.ann)
        self.assertEqual(row.delay_reason_id.name, "Workload")

    def test_a_late_approval(self):
        path = f"/odoo/tat-requests/{self.late.id}"
        self.env.flush_all()
        with self._at(LATE):
            self.start_tour(
                path, "kpi_workflow_tat.late_decision", login=self.ann.login
            )
        self.env.invalidate_all()
        row = self._get_row(self.late, self.ann)
        self.assertEqual(row.decision, "approved")
        self.assertEqual(row.delay_reason_id.name, "Workload")
