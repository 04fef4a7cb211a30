from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import SQL

OFFICER = "kpi_base.kpi_base_group_officer"
# Odoo's own notes of what is to be done soon; it takes them away by itself.
PASSING = {"ir_cron_trigger", "bus_bus"}


@tagged("post_install", "-at_install")
class TestKpiExample(TransactionCase):
    """A company without records looks at example data, and has it removed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "New"})
        groups = f"base.group_user,{OFFICER}"
        belongs = {"company_id": cls.company.id, "company_ids": cls.company.ids}
        cls.officer = new_test_user(cls.env, "example_officer", groups, **belongs)
        cls.examples = cls.env["kpi.example"].with_user(cls.officer)

    def _count_rows(self):
        """Number of rows of each table, the calendar's days left aside: they stay."""
        self.env.flush_all()
        tables = self.env.execute_query(
            SQL(
                "SELECT relname FROM pg_stat_user_tables"
                " WHERE schemaname = current_schema ORDER BY relname"
            )
        )
        counts = {}
        for (table,) in tables:
            query = SQL("SELECT count(*) FROM %s", SQL.identifier(table))
            ((counts[table],),) = self.env.execute_query(query)
        return {name: counts[name] for name in counts if name not in PASSING}

    def test_thirty_kpis_have_values_of_eighteen_months_and_targets(self):
        self.examples.action_try()
        made = self.examples._find_made("kpi.definition")
        self.assertEqual(len(made), 30)
        self.assertEqual(made.category_id.name, "Example data")
        self.assertEqual(made.company_id, self.company)
        self.assertEqual(set(made.report_ids.mapped("scope_type")), {"company"})
        rows = self.env["kpi.measurement"]._read_group(
            [("report_id", "in", made.report_ids.ids), ("grain", "=", "month")],
            ["report_id"],
            ["__count"],
        )
        self.assertEqual({count for _report, count in rows}, {18})
        self.assertEqual(len(rows), 30)
        # Which of both depends on the day of the month.
        statuses = set(made.report_ids.mapped("status"))
        self.assertIn("on_target", statuses)
        self.assertTrue(statuses & {"at_risk", "off_target"}, statuses)
        self.assertFalse([kpi.code for kpi in made if kpi.computation_error])

    def test_a_formula_of_examples_is_worth_what_its_parts_are(self):
        self.examples.action_try()
        made = self.examples._find_made("kpi.definition")
        value = {kpi.code: kpi.report_ids.current_value for kpi in made}
        self.assertAlmostEqual(
            value["example_sale_average_order"],
            value["example_sale_revenue"] / value["example_sale_orders"],
        )

    def test_one_click_leaves_nothing_behind(self):
        # What every company has once it looks at KPIs.
        calendar = self.env["kpi.calendar"]._company_default(self.company)
        self.env["kpi.source"]._refresh_shared()
        self.examples.action_try()
        self.examples.action_remove()
        before = self._count_rows()
        self.examples.action_try()
        made = self._count_rows()
        self.assertGreater(made["kpi_measurement"], before["kpi_measurement"])
        self.examples.action_remove()
        after = self._count_rows()
        self.assertEqual({t: n for t, n in after.items() if n != before[t]}, {})
        self.assertTrue(calendar.exists())

    def test_it_stays_as_long_as_a_formula_of_another_kpi_uses_it(self):
        self.examples.action_try()
        made = self.examples._find_made("kpi.definition")
        own = self.env["kpi.definition"].create(
            {
                "name": "Twice the Revenue",
                "code": "twice_the_revenue",
                "company_id": self.company.id,
                "computation": "formula",
                "formula": "2 * example_sale_revenue",
            }
        )
        values = [("report_id", "in", made.report_ids.ids)]
        before = self.env["kpi.measurement"].search_count(values)
        with self.assertRaisesRegex(UserError, own.name), self.cr.savepoint():
            self.examples.action_remove()
        self.env.invalidate_all()
        self.assertEqual(self.env["kpi.measurement"].search_count(values), before)
        own.unlink()
        self.examples.action_remove()
        self.assertFalse(made.exists())

    def test_it_is_made_once_and_for_officers_alone(self):
        self.examples.action_try()
        with self.assertRaises(UserError):
            self.examples.action_try()
        user = new_test_user(
            self.env, "example_user", "base.group_user,kpi_base.kpi_base_group_user"
        )
        for name in ("action_try", "action_remove"):
            with self.assertRaises(AccessError):
                getattr(self.examples.with_user(user), name)()
        self.assertTrue(self.examples._find_made("kpi.definition"))

    def test_another_company_keeps_its_own(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.officer.company_ids += other
        self.examples.with_company(other).action_try()
        self.examples.action_try()
        self.examples.action_remove()
        kept = self.examples.with_company(other)._find_made("kpi.definition")
        self.assertEqual((len(kept), kept.company_id), (30, other))
        self.assertFalse(self.examples._find_made("kpi.definition"))

    def test_a_company_whose_number_begins_alike_is_another_one(self):
        own = self.env["kpi.definition"].create({"name": "Own", "code": "any_own"})
        self.env["ir.model.data"].create(
            {
                "module": "__kpi_example__",
                "name": f"kpi_definition-{self.company.id}1-{own.id}",
                "model": "kpi.definition",
                "res_id": own.id,
            }
        )
        self.assertFalse(self.examples._find_made("kpi.definition"))

    def test_the_overview_says_so_and_offers_to_remove_it(self):
        home = self.env["kpi.home"].with_user(self.officer)
        self.assertFalse(home.get_summary()["has_example"])
        self.examples.action_try()
        self.assertTrue(home.get_summary()["has_example"])
        self.examples.action_remove()
        self.assertFalse(home.get_summary()["has_example"])

    def test_computing_again_changes_nothing(self):
        self.examples.action_try()
        made = self.examples._find_made("kpi.definition")
        source = made.sudo().source_ids
        written = [
            source._compute(statement, periods, force=True).write_count
            for statement, periods in source._plan()
        ]
        self.assertEqual(sum(written), 0)


@tagged("post_install", "-at_install")
class TestKpiGalleryExample(TransactionCase):
    """Ready KPIs show what they would look like, and what they need first."""

    def test_every_ready_kpi_has_a_trend_in_its_unit(self):
        kpis = self.env["kpi.gallery.kpi"].search([("entry", "!=", False)])
        for kpi in kpis:
            with self.subTest(code=kpi.code):
                points = kpi.example_trend["points"]
                self.assertEqual(len(points), 12)
                self.assertEqual(kpi.example_value, points[-1]["value"])
                self.assertIn("example", kpi.entry)

    def test_what_it_counts_and_nobody_has_made_is_named(self):
        theme = self.env["kpi.gallery.set"].create({"name": "Own"})
        names = {"full": "res.partner", "empty": "kpi.period.report", "none": "no.such"}
        entry = {"computation": "records", "name": "Any", "example": 5}
        kpis = self.env["kpi.gallery.kpi"].create(
            [
                {
                    "name": code,
                    "code": code,
                    "set_id": theme.id,
                    "entry": {**entry, "model_name": model},
                }
                for code, model in names.items()
            ]
        )
        self.env["kpi.period.report"].search([("id", "!=", 0)]).unlink()
        apps = self.env["ir.module.module"].sudo()
        app = apps.search([("name", "=", "kpi_tracking")]).shortdesc
        words = f"{app} records"
        self.assertEqual(kpis.mapped("empty_records"), [False or "", words, ""])
        self.assertEqual(theme.empty_records, words)
