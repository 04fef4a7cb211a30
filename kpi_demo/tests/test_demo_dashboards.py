from odoo.tests import TransactionCase, tagged

KINDS = {
    *("gauge", "card", "line", "bar", "area", "stacked", "pie", "doughnut", "radar"),
    *("scatter", "funnel", "waterfall", "heatmap", "table", "text", "view"),
}


@tagged("post_install", "-at_install")
class TestDemoDashboards(TransactionCase):
    """The board's dashboard shows every kind of tile, with something in it."""

    def test_each_tile_has_something_to_show(self):
        admin = self.env.ref("base.user_admin")
        dashboard = self.env.ref("kpi_demo.kpi_dashboard_board").with_user(admin)
        company = dashboard.company_id
        answer = dashboard.with_context(allowed_company_ids=company.ids).data()
        # Those of addons that are no part of the demo need not be on it.
        self.assertLessEqual(KINDS, {tile["kind"] for tile in answer["tiles"]})
        kpi = self._find_counted(company)
        calendar = kpi.definition_id.calendar_id
        # a month that begins today gives way to the one before
        today = calendar._today()
        is_closed = calendar._period("month", today).start == today
        for tile in answer["tiles"]:
            with self.subTest(tile=tile["title"]):
                if tile["kind"] == "pie" and not (kpi.current_value or is_closed):
                    self.assertEqual(tile["state"], "no_data")  # the month is young
                    continue
                self.assertIn(tile["state"], ("ok", "lazy"), tile["message"])

    def _find_counted(self, company):
        """Opportunities, which the board's pie splits."""
        return self.env["kpi.report"].search(
            [
                ("definition_id.code", "=", "new_opportunities"),
                ("scope_type", "=", "company"),
                ("company_id", "=", company.id),
            ]
        )
