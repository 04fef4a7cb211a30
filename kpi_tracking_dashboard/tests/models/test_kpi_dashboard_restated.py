from odoo.tests import tagged

from .dashboard_case import DashboardCase, settle_facts


@tagged("post_install", "-at_install")
class TestKpiDashboardRestated(DashboardCase):
    """Who comes back is told which closed periods became others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        settle_facts(cls.env)
        cls.dashboard = cls._dashboard(
            cls._tile("line", cls.revenue, periods=24), cls._tile("card", cls.revenue)
        )

    def _restate(self, kpi=None, moment="2026-03-01 12:00:00"):
        rows = [((kpi or self.revenue).id, "2025-02-01", 55.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="records")
        self.env.cr.execute("UPDATE kpi_restatement SET restated_on = %s", [moment])
        self.env.invalidate_all()

    def _look(self, user, moment):
        self._as(user, self.dashboard).count_view()
        self.env.cr.execute("UPDATE kpi_dashboard_visit SET last_at = %s", [moment])
        self.env.invalidate_all()

    def test_only_what_changed_since_is_told(self):
        self._restate()
        self.assertFalse(self._data(self.dashboard)["restated"])  # knew no other
        self._look(self.officer, "2026-02-20 12:00:00")
        (told,) = self._data(self.dashboard)["restated"]
        self.assertEqual(told["report_id"], self.revenue.id)
        self.assertRegex(told["text"], "Feb 2025 settled at .*100.* now .*55")
        self._look(self.officer, "2026-03-02 12:00:00")
        self.assertFalse(self._data(self.dashboard)["restated"])

    def test_nobody_is_told_of_kpis_that_they_do_not_see(self):
        self._restate()
        self._look(self.user, "2026-02-20 12:00:00")
        self.assertFalse(self._data(self.dashboard, self.user)["restated"])

    def test_charts_note_it_at_its_period(self):
        self._restate()
        line = self._data(self.dashboard)["tiles"][0]
        (note,) = [each for each in line["notes"] if "settled" in each["text"]]
        self.assertEqual(note["date"], "2025-02-01")

    def test_a_show_on_a_tv_is_no_look_but_a_view(self):
        own = self._as(self.officer, self.dashboard)
        self._look(self.officer, "2026-02-20 12:00:00")
        self._restate()
        own.count_view(is_on_tv=True)
        self.assertTrue(self._data(self.dashboard)["restated"])
        self._as(self.user, self.dashboard).count_view(is_on_tv=True)
        self.assertEqual(own.view_count, 3)

    def test_a_draft_is_no_look(self):
        draft = self._as(self.officer, self.dashboard)
        draft = draft.browse(draft.start_draft())
        draft.count_view()
        visits = self.env["kpi.dashboard.visit"].search([])
        self.assertNotIn(draft, visits.dashboard_id)
