from collections import Counter
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.kpi_base.tests.common import LONG


@tagged("post_install", "-at_install")
class TestDemoKpis(TransactionCase):
    """The KPIs of the demo company show every kind and have something to show."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.de = cls.env.ref("kpi_demo.company_de")
        cls.us = cls.env.ref("kpi_demo.company_us")
        names = cls.env["ir.model.data"].search(
            [("module", "=", "kpi_demo"), ("model", "=", "kpi.definition")]
        )
        cls.definitions = cls.env["kpi.definition"].browse(names.mapped("res_id"))
        cls.reports = cls.definitions.report_ids

    def test_every_kind_of_kpi_is_there(self):
        self.assertGreaterEqual(len(self.definitions), 25)
        records = self.definitions.filtered(lambda kpi: kpi.computation == "records")
        for name, values in {
            "computation": {"manual", "records", "formula", "external"},
            "direction": {"higher", "lower", "range"},
            "frequency": {"day", "week", "month", "quarter"},
            "unit": {
                "boolean", "currency", "custom", "duration", "number", "percent",
                "score",
            },
        }.items():  # fmt: skip
            self.assertEqual(set(self.definitions.mapped(name)), values, name)
        for name, values in {
            "kind": {"flow", "stock", "snapshot"},
            "measure": {
                "average", "count", "distinct", "max", "median", "percentile", "share",
                "sum", "weighted_average",
            },
            "operand": {"field", "product", "duration"},
        }.items():  # fmt: skip
            self.assertEqual(set(records.mapped(name)), values, name)
        self.assertTrue(records.working_calendar_id)
        self.assertIn("user_ids", records.mapped("user_field"))
        self.assertTrue(records.breakdown_ids)

    def test_no_two_kpis_of_one_reader_have_the_same_name(self):
        companies = (self.de | self.us).ids
        for records in (self.env["kpi.definition"], self.env["kpi.report"]):
            shown = records.with_context(allowed_company_ids=companies).search([])
            counts = Counter(shown.mapped("display_name"))
            doubled = {name for name, count in counts.items() if count > 1}
            self.assertFalse(doubled, records._name)

    def test_every_style_of_gauge_is_there(self):
        drawn = self.reports.filtered("gauge")
        styles = {report.gauge["style"] for report in drawn}
        self.assertEqual(styles, {"circular", "linear", "speedometer", "thermometer"})

    def test_every_scope_is_tracked(self):
        scopes = set(self.reports.mapped("scope_type"))
        self.assertEqual(scopes, {"company", "department", "team", "user"})
        self.assertEqual(self.reports.company_id, self.de | self.us)

    def test_every_kpi_has_values_or_says_why_not(self):
        self.assertEqual([kpi for kpi in self.definitions if kpi.computation_error], [])
        silent = self.reports.filtered(
            lambda report: not (report.has_value or report.computation_error)
        )
        self.assertEqual(silent.mapped("name"), [])
        self.assertGreater(
            len(self.reports.filtered("has_value")), 0.95 * len(self.reports)
        )

    def test_no_kpi_waits_for_the_officer_without_a_value(self):
        user = self.env.ref("kpi_demo.user_clara_vogt")
        home = self.env["kpi.home"].with_user(user)
        home = home.with_context(allowed_company_ids=user.company_ids.ids)
        self.assertNotIn("data", {need["kind"] for need in home.get_needs()})

    def test_statuses_vary(self):
        counts = {
            status: len(reports)
            for status, reports in self.reports.grouped("status").items()
        }
        for status in ("on_target", "at_risk", "off_target", "no_target"):
            self.assertGreaterEqual(counts.get(status, 0), 5, status)
        for scope_type in ("company", "department", "team", "user"):
            of_scope = self.reports.filtered(
                lambda report, s=scope_type: report.scope_type == s
            )
            self.assertGreaterEqual(len(set(of_scope.mapped("status"))), 3, scope_type)

    def test_targets_follow_one_another(self):
        targets = self.reports.target_ids
        self.assertTrue(targets.filtered("has_baseline"))
        dates = sorted(set(targets.mapped("date_from")))
        self.assertGreaterEqual(len(dates), 2)
        self.assertLessEqual(dates[-1], fields.Date.today())

    def test_targets_of_field_and_inside_sales_add_up_to_that_of_sales(self):
        story = "Commercial / Sales"
        start = fields.Date.today().replace(day=1) - relativedelta(months=1)
        of_scope = {
            report.scope_name: report.target_ids.filtered_domain(
                [("date_from", "<=", start)]
            ).sorted("date_from")[-1:]
            for report in self.reports
            if report.kpi_name == "Order Value" and report.scope_type == "department"
        }
        parts = [of_scope[f"{story} / {name} Sales"] for name in ("Field", "Inside")]
        whole = of_scope[story].value
        added = sum(part.value for part in parts)
        self.assertAlmostEqual(added / whole, 1.0, delta=0.02)  # rounded

    def test_equal_results_have_equal_targets(self):
        kpis = self.reports.filtered(
            lambda report: report.kpi_name in ("Order Value", "Average Order Value")
        )
        for name, reports in kpis.grouped("kpi_name").items():
            with self.subTest(name):
                # What the company sells is sold by its sales department.
                names = (self.de.name, "Commercial", "Commercial / Sales")
                alike = reports.filtered(
                    lambda report, names=names: (
                        report.company_id == self.de and report.scope_name in names
                    )
                )
                self.assertEqual(len(alike), 3)
                latest = [
                    report.target_ids.sorted("date_from")[-1].value for report in alike
                ]
                self.assertEqual(len(set(latest)), 1, latest)

    def test_targets_are_as_fine_as_their_kpi(self):
        for target in self.reports.target_ids:
            decimals = target.report_id.decimals
            for value in (target.value, target.stretch, target.baseline):
                self.assertAlmostEqual(value, round(value, decimals))

    def test_growth_of_a_quarter_looks_back_four(self):
        values = {}
        for code in ("order_value", "order_growth"):
            report = self.env.ref(f"kpi_demo.kpi_{code}").report_ids.filtered(
                lambda each: each.scope_type == "company" and each.company_id == self.de
            )
            points = report.get_history(report.id, "quarter")["points"]
            values[code] = [point["value"] for point in points]
        now, before = values["order_value"][-1], values["order_value"][-5]
        self.assertAlmostEqual(values["order_growth"][-1], 100 * (now / before - 1))

    def test_the_log_tells_what_the_engine_did(self):
        jobs = self.env["kpi.job"].search([])
        first = jobs.filtered(lambda job: job.name == "First computation")
        self.assertGreater(first.written_count, 1000)
        self.assertTrue(first.line_ids)
        drifted = jobs.filtered("drift_count")
        self.assertEqual(drifted.mapped("kind"), ["reconcile"])
        found = self.env["kpi.measurement.revision"].search(
            [("reason", "=", "Nightly check")]
        )
        self.assertEqual(drifted.drift_count, len(found))
        self.assertEqual(set(found.mapped(lambda f: f.old_value - f.new_value)), {2.0})

    def test_order_value_of_a_month_adds_up(self):
        """Orders of one full month, converted by hand with the rates of that month."""
        definition = self.env.ref("kpi_demo.kpi_order_value")
        report = definition.report_ids.filtered(
            lambda each: each.scope_type == "company" and each.company_id == self.us
        )
        facts = report.measurement_ids.filtered(
            lambda fact: fact.grain == "month"
        ).sorted("period_start")
        fact = facts[-2]
        expected, unpriced = self._orders_in_euro(fact.period_start)
        self.assertAlmostEqual(fact.value, expected, places=2)
        self.assertEqual(fact.unpriced_count, unpriced)
        self.assertTrue(any(facts.mapped("unpriced_count")), "a currency has no rate")

    def _orders_in_euro(self, month):
        """Sum in euro and number of orders without a rate; months as in Berlin."""
        context = {"tz": "Europe/Berlin"}
        orders = self.env["sale.order"].search(
            [
                ("company_id", "=", self.us.id),
                ("state", "=", "sale"),
                ("date_order", ">=", month - timedelta(days=2)),
                ("date_order", "<", month + timedelta(days=35)),
            ]
        )
        rates = {
            rate.currency_id: rate.rate
            for rate in self.env["res.currency.rate"].search(
                [("company_id", "=", self.us.id), ("name", "=", month)]
            )
        }
        euro = self.env.ref("base.EUR")
        total, unpriced = 0.0, 0
        for order in orders.with_context(**context):
            local = fields.Datetime.context_timestamp(order, order.date_order)
            if local.date().replace(day=1) != month:
                continue
            if order.currency_id in rates:
                rate = rates[order.currency_id]
                total += order.amount_untaxed / rate * rates[euro]
            else:
                unpriced += 1
        return total, unpriced

    def test_a_department_contains_the_ones_below(self):
        definition = self.env.ref("kpi_demo.kpi_won_deals")

        def values(name):
            department = self.env.ref(f"kpi_demo.department_{name}")
            report = definition.report_ids.filtered(
                lambda each: each.department_id == department
            )
            facts = report.measurement_ids.filtered(lambda fact: fact.grain == "month")
            return {fact.period_start: fact.value for fact in facts}

        field_sales, inside_sales = values("de_field"), values("de_inside")
        self.assertTrue(any(field_sales.values()))
        for month, value in values("de_sales").items():
            self.assertEqual(value, field_sales[month] + inside_sales[month])

    def test_notes_were_left_where_values_were_entered_again(self):
        definition = self.env.ref("kpi_demo.kpi_marketing_spend")
        revisions = self.env["kpi.measurement.revision"].search(
            [("report_id", "in", definition.report_ids.ids)]
        )
        self.assertEqual(len(revisions), 2)
        self.assertTrue(all(revisions.mapped("reason")))
        german = revisions.filtered(lambda row: row.report_id.company_id == self.de)
        self.assertEqual(german.new_value - german.old_value, 6400.0)

    def test_an_employee_and_a_manager_have_a_value_to_enter(self):
        for login in ("demo.employee", "demo.manager"):
            user = self.env["res.users"].search([("login", "=", login)])
            own = self.reports.with_user(user).search([("owner_id", "=", user.id)])
            entered = own.filtered(lambda kpi: kpi.computation == "manual")
            self.assertTrue(entered, login)
            self.assertTrue(all(entered.mapped("can_enter_value")), login)

    def test_a_survey_was_skipped(self):
        definition = self.env.ref("kpi_demo.kpi_customer_satisfaction")
        counts = {
            company: len(
                definition.report_ids.filtered(
                    lambda each, c=company: (
                        each.company_id == c and each.scope_type == "company"
                    )
                ).measurement_ids
            )
            for company in (self.de, self.us)
        }
        self.assertEqual(counts[self.us], counts[self.de] - 1)

    def test_computing_again_changes_nothing(self):
        definitions = self.definitions.filtered(
            lambda kpi: kpi.computation == "records"
        )
        flows = definitions.source_ids.filtered(lambda source: source.kind == "flow")
        stop = fields.Date.today() - timedelta(days=400)
        before = self._facts(definitions, stop)
        flows._forget_fingerprints()
        self.env["kpi.source"]._recompute_all(last=None if LONG else stop)
        self.assertEqual(self._facts(definitions, stop), before)

    def _facts(self, definitions, stop):
        closed = self.env["kpi.measurement"].search(
            [
                ("report_id.definition_id", "in", definitions.ids),
                ("period_start", "<", stop),
            ]
        )
        return {
            # Sums of converted amounts depend on the order in the last digits.
            (fact.report_id.id, fact.grain, fact.period_start): f"{fact.value:.9g}"
            for fact in closed
        }

    def test_forms_open(self):
        for records in (
            self.definitions[::6],
            self.reports[::40],
            self.reports.target_ids[:2],
            self.env.ref("kpi_demo.kpi_team_squad"),
        ):
            for record in records:
                with self.subTest(record=record.display_name):
                    self.assertEqual(Form(record).id, record.id)
