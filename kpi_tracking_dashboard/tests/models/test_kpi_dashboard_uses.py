from datetime import date, timedelta

from odoo.tests import tagged

from .dashboard_case import DashboardCase


@tagged("post_install", "-at_install")
class TestKpiDashboardUses(DashboardCase):
    """Dashboards, their mails and links use KPIs, and show their badges."""

    def _names(self, definition):
        return {
            each["label"]: [item["name"] for item in each["items"]]
            for each in definition.get_uses()
        }

    def test_dashboards_their_mails_and_links_use_what_they_show(self):
        board = self._dashboard(self._tile("card", self.revenue))
        values = {"dashboard_id": board.id, "user_ids": self.officer.ids}
        self.env["kpi.dashboard.schedule"].create(values)
        soon = date.today() + timedelta(days=30)
        self.env["kpi.dashboard.share"]._generate(board, expires_on=soon)
        names = self._names(self.revenue.definition_id)
        self.assertEqual(names["Dashboards"], ["Board"])
        self.assertEqual(len(names["Emails"]), 1)
        self.assertEqual(len(names["Links"]), 1)

    def test_a_dashboard_of_chosen_kpis_uses_these(self):
        self._dashboard(
            {"kind": "bar", "scope_mode": "fixed", "report_ids": self.revenue.ids}
        )
        names = self._names(self.revenue.definition_id)
        self.assertEqual(names["Dashboards"], ["Board"])

    def test_tiles_move_to_the_kpi_that_replaces_theirs(self):
        old = self.revenue.definition_id
        new = old.copy({"name": "Better", "code": "better"})
        board = self._dashboard(
            self._tile("card", self.revenue),
            {"kind": "bar", "scope_mode": "fixed", "report_ids": self.revenue.ids},
        )
        old.replaced_by_id = new
        old.action_move_uses()
        first, second = board.tile_ids
        self.assertEqual(first.definition_ids, new)
        self.assertEqual(first.definition_order, new.ids)
        self.assertEqual(second.report_ids.definition_id, new)
        self.assertEqual(second.report_ids.scope_type, self.revenue.scope_type)
        self.assertNotIn("Dashboards", self._names(old))

    def test_who_looks_at_a_dashboard_looks_at_its_kpis(self):
        definition = self.revenue.definition_id
        board = self._dashboard(self._tile("card", self.revenue))
        self.assertFalse(definition.last_viewed_on)
        self._as(self.officer, board).count_view()
        definition.invalidate_recordset()
        self.assertTrue(definition.last_viewed_on)

    def test_a_tile_of_one_kpi_has_its_badge_also_in_files(self):
        definition = self.revenue.definition_id
        (plain,) = self._shown(self._tile("card", self.revenue))
        self.assertIsNone(plain["certification"])
        with self._at("2026-03-01 12:00:00"):
            admin = self.env.ref("base.user_admin")
            admin.company_ids += self.company
            definition = self._as(admin, definition)
            definition._certify(date(2027, 1, 1))
        board = self._dashboard(self._tile("card", self.revenue))
        answer = self._data(board)
        (tile,) = answer["tiles"]
        self.assertEqual(tile["certification"], "certified")
        self.assertEqual(tile["definition_id"], definition.id)
        (drawn,) = self._as(self.officer, board)._drawings(answer)
        self.assertEqual(drawn.certification, "certified")
        self.assertEqual(drawn.certification_word, "Certified")
        with self._at("2026-03-01 12:00:00"):
            page = self._as(self.officer, board)._page(answer, [drawn])
        self.assertIn("<title>Certified</title>", page)
