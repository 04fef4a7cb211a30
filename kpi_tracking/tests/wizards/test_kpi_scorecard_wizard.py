from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..models.test_kpi_scorecard import MANAGER, KpiScorecardCase


@tagged("post_install", "-at_install")
class TestKpiScorecardWizard(KpiScorecardCase):
    """Many KPIs put on a scorecard at once."""

    def _wizard(self, *reports, **values):
        ids = [report.id for report in reports]
        wizards = self.env["kpi.scorecard.wizard"].with_context(
            active_model="kpi.report", active_ids=ids
        )
        return wizards.create(values)

    def test_what_is_there_already_stays_as_it_is(self):
        sales, calls = self._kpi("Sales", 80, weight=2), self._kpi("Calls", 50)
        self._add(sales, weight=7)
        self._wizard(sales, calls, group_id=self.scorecard.id).action_add()
        weights = {line.report_id: line.weight for line in self.scorecard.line_ids}
        self.assertEqual(weights, {sales: 7, calls: 1})

    def test_a_new_scorecard_is_made_by_name(self):
        sales = self._kpi("Sales", 80, weight=2)
        action = self._wizard(sales, name="North").action_add()
        scorecard = self.env["kpi.report.group"].browse(action["res_id"])
        self.assertEqual(scorecard.name, "North")
        self.assertEqual(scorecard.line_ids.weight, 2)
        self.assertEqual(scorecard.company_id, self.company)

    def test_a_scorecard_or_a_name_is_needed(self):
        with self.assertRaisesRegex(UserError, "Choose a scorecard"):
            self._wizard(self._kpi("Sales", 80), name="  ").action_add()

    def test_a_kpi_that_one_may_not_share_is_refused(self):
        sales = self._kpi("Sales", 80)
        manager = new_test_user(self.env, "mona", MANAGER, company_id=self.company.id)
        sales.shared_user_ids = manager
        wizard = self._wizard(sales, name="Mine").with_user(manager)
        own = wizard.with_context(active_model="kpi.report", active_ids=sales.ids)
        with self.assertRaises(AccessError):
            own.create({"name": "Mine"}).action_add()
