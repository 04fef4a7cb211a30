from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import SQL

from odoo.addons.kpi_base.tests.common import some_of

PASSING = {"bus_bus", "ir_cron_trigger", "res_device_log"}  # Odoo takes them away


@tagged("post_install", "-at_install")
class TestKpiDashboardExample(HttpCase):
    """Ready dashboards show what they would look like, and nothing of it is stored."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "New"})
        belongs = {"company_id": cls.company.id, "company_ids": cls.company.ids}
        officer = "base.group_user,kpi_base.kpi_base_group_officer"
        cls.officer = new_test_user(cls.env, "preview_officer", officer, **belongs)
        cls.user = new_test_user(
            cls.env, "preview_user", "base.group_user,kpi_base.kpi_base_group_user"
        )
        cls.everything = cls.env["kpi.gallery.dashboard"].with_user(cls.officer)
        cls.sales = cls.everything.search([("name", "=", "Sales")])
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

    def test_each_ready_dashboard_is_drawn_with_values_and_nothing_is_stored(self):
        self.sales._draw_example()
        before = self._count_rows()
        for ready in some_of(self.everything.search([]), "ready dashboards"):
            with self.subTest(name=ready.name):
                page = ready._draw_example()
                cards = [
                    tile.shown.headline
                    for tile in page["tiles"]
                    if tile.shown.headline and tile.shown.headline.text != "–"
                ]
                self.assertGreaterEqual(len(cards), 3)
                self.assertIn("example values", page["notice"])
        after = self._count_rows()
        self.assertEqual({t: n for t, n in after.items() if n != before[t]}, {})

    def test_the_page_says_what_is_missing_first(self):
        path = f"/kpi/gallery/dashboard/{self.sales.id}"
        self.authenticate("preview_officer", "preview_officer")
        page = self.url_open(path, timeout=120)
        self.assertEqual(page.status_code, 200)
        self.assertIn("example values", page.text)
        self.assertIn("<svg", page.text)
        if missing := self.sales.missing_apps:
            self.assertIn(missing, page.text)
        self.authenticate("preview_user", "preview_user")
        page = self.url_open(path, timeout=120)
        self.assertIn(page.status_code, (403, 404))

    def test_only_officers_preview(self):
        with self.assertRaises(AccessError):
            self.sales.with_user(self.user)._draw_example()

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

    def test_what_has_records_comes_first(self):
        home = self.env["kpi.home"].with_user(self.officer)
        rows = home._list_ready_dashboards()
        ready = self.everything.browse([row["id"] for row in rows])
        shares = [
            (each.filled_count / each.kpi_count, each.available_count / each.kpi_count)
            for each in ready
        ]
        self.assertEqual(shares, sorted(shares, reverse=True))
