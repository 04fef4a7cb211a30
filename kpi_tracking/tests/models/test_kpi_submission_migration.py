import importlib.util

from odoo.modules.module import get_module_path
from odoo.tests import freeze_time, tagged

from .entry_case import TODAY, KpiEntryCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiSubmissionMigration(KpiEntryCase):
    """Entries that waited before people were asked by name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report.definition_id.has_entry_approval = True

    def _forget_steps(self, entries):
        """Bring the database back to what it was: an activity for the first."""
        self.env["kpi.approval.step"].search([("res_id", "in", entries.ids)]).unlink()
        self.env["kpi.delivery"].search([]).unlink()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kpi_submission SET approval_state = 'none', approval_round = NULL,"
            " approval_workflow_id = NULL, approval_version = NULL WHERE id = ANY(%s)",
            [entries.ids],
        )
        self.env.invalidate_all()
        for entry in entries.sudo():
            entry.activity_schedule("mail.mail_activity_data_todo", user_id=self.mia.id)

    def _migrate(self):
        path = (
            f"{get_module_path('kpi_tracking')}"
            "/migrations/19.0.1.1.0/post-waiting-entries.py"
        )
        spec = importlib.util.spec_from_file_location("post_waiting_entries", path)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.1.0.0")

    def test_entries_that_wait_can_be_decided(self):
        entry = self._enter(self.uma, 4)
        other = self._report("Other", has_entry_approval=True)
        own = self._enter(self.mia, 5, report=other)
        self._forget_steps(entry | own)
        self.assertFalse(entry.with_user(self.mia).can_decide)
        self._migrate()
        self.env.invalidate_all()
        self.assertEqual(
            (entry | own).sudo()._find_steps("asked").mapped("user_id"),
            self.mia | self.otto,
        )
        self.assertFalse(own.with_user(self.mia).can_decide)
        self.assertFalse(entry.sudo().activity_ids)
        self.assertFalse(self.env["kpi.delivery"].search([]))
        entry.with_user(self.mia).action_approve()
        own.with_user(self.otto)._decide_all("reject", "No")
        self.assertEqual((entry.state, own.state), ("approved", "rejected"))
        self._migrate()  # nothing is left
        self.assertEqual(entry.state, "approved")

    def test_entries_of_kpis_that_need_no_approval_any_more(self):
        entry = self._enter(self.uma, 4)
        self.report.definition_id.has_entry_approval = False
        self._forget_steps(entry)
        self._migrate()
        self.env.invalidate_all()
        self.assertTrue(entry.with_user(self.mia).can_decide)

    def test_what_nobody_can_approve_goes_on_waiting(self):
        entry = self._enter(self.uma, 4)
        self._forget_steps(entry)
        self.sales.manager_id = False
        officers = self.env.ref("kpi_base.kpi_base_group_officer").sudo()
        officers.all_user_ids.active = False
        with self.assertLogs("post_waiting_entries", "WARNING"):
            self._migrate()
        self.assertEqual((entry.state, entry.approval_state), ("submitted", "none"))
