from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import SQL

PASSING = {"bus_bus", "ir_cron_trigger", "res_device_log"}  # Odoo takes them away


@tagged("post_install", "-at_install")
class TestKpiDashboardExample(TransactionCase):
    """Example data comes with dashboards, and goes with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "New"})
        belongs = {"company_id": cls.company.id, "company_ids": cls.company.ids}
        officer = "base.group_user,kpi_base.kpi_base_group_officer"
        cls.officer = new_test_user(cls.env, "preview_officer", officer, **belongs)
        cls.env["kpi.calendar"]._company_default(cls.company)
        cls.env["kpi.source"]._refresh_shared()

    def _count_rows(self):
        self.env.flush_all()
        find = SQL(
            "SELECT relname FROM pg_stat_user_tables"
            " WHERE schemaname = current_schema ORDER BY relname"
        )
        counts = {}
        for (table,) in self.env.execute_query(find):
            query = SQL("SELECT count(*) FROM %s", SQL.identifier(table))
            ((counts[table],),) = self.env.execute_query(query)
        return {name: counts[name] for name in counts if name not in PASSING}

    def test_example_data_has_its_dashboards_and_leaves_nothing(self):
        examples = self.env["kpi.example"].with_user(self.officer)
        examples.action_try()
        examples.action_remove()
        before = self._count_rows()
        examples.action_try()
        boards = examples._find_made("kpi.dashboard")
        names = {"Executive (example)", "Project (example)", "Sales (example)"}
        self.assertLessEqual(names, set(boards.mapped("name")))
        data = boards.with_user(self.officer)[0].data()
        self.assertTrue(data["tiles"])
        examples.action_remove()
        after = self._count_rows()
        self.assertEqual({t: n for t, n in after.items() if n != before[t]}, {})
