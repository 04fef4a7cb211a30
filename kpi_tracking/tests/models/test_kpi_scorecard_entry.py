from datetime import date

from odoo.tests import new_test_user, tagged

from .test_kpi_scorecard import MANAGER, USER, KpiScorecardCase


@tagged("post_install", "-at_install")
class TestKpiScorecardEntry(KpiScorecardCase):
    """Reminding the people of a scorecard, and how punctual they are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = new_test_user(
            cls.env, "owner", MANAGER, company_id=cls.company.id, email="o@x.example"
        )
        cls.reporter = new_test_user(
            cls.env, "reporter", USER, company_id=cls.company.id, email="r@x.example"
        )
        cls.kpi = cls._kpi("Calls")
        cls.kpi.owner_id = cls.owner
        cls.kpi.submitter_ids = cls.reporter
        cls.kpi.shared_user_ids = cls.reporter
        cls.kpi.entry_date_from = date(2026, 1, 1)
        cls._add(cls.kpi)
        cls.scorecard.owner_id = cls.owner
        cls.scorecard.member_ids = cls.reporter

    def test_who_owes_an_entry_gets_one_message(self):
        before = self.env["kpi.delivery"].search([])
        answer = self.scorecard.with_user(self.owner).action_remind()
        messages = self.env["kpi.delivery"].search([]) - before
        self.assertEqual(messages.user_id, self.reporter)
        self.assertIn("reporter", answer["params"]["message"])

    def test_a_member_reminds_nobody(self):
        mine = self.scorecard.with_user(self.reporter)
        self.assertFalse(mine.can_remind)
        before = self.env["kpi.delivery"].search_count([])
        mine.action_remind()
        self.assertEqual(self.env["kpi.delivery"].search_count([]), before)

    def test_the_rate_counts_every_entry_once(self):
        dues = self.env["kpi.entry.due"].search([("report_id", "=", self.kpi.id)])
        self.assertTrue(dues)
        self.assertEqual(self.scorecard.due_count, len(dues))
        overdue = dues.filtered(lambda due: due.state == "overdue")
        self.assertTrue(overdue)
        self.assertEqual(self.scorecard.on_time_percent, 0.0)
