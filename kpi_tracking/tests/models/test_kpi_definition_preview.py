from datetime import date
from unittest.mock import patch

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.kpi_base.tests.common import add_model, open_models

from ...models.source import kpi_definition_preview
from ..common import MODEL, KpiCase

OFFICER = "base.group_user,kpi_base.kpi_base_group_officer"
BASIS = {
    "computation": "records",
    "model_name": MODEL,
    "date_field": "x_date",
    "company_field": "x_company_id",
}


@tagged("post_install", "-at_install")
class TestKpiDefinitionPreview(KpiCase):
    """What a KPI would count is shown while its definition is edited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()

        class Order(models.Model):
            _module, _name, _description = None, "kpi.test.sale", "Order"
            _kpi_measurable = True

            day = fields.Date()
            state = fields.Selection(
                [("draft", "Quotation"), ("sale", "Order"), ("cancel", "Cancelled")]
            )

        add_model(cls, Order)
        open_models(cls, MODEL, "kpi.test.sale")
        cls.officer = cls._create_user("preview_officer", groups=OFFICER)
        cls.kpis = cls._kpis(cls.officer)
        cls.deals.create(
            [
                {
                    "x_active": True,
                    "x_company_id": cls.company.id,
                    "x_date": date(2023, month, 1 + number),
                    "x_is_won": bool(number % 2),
                    "x_hours": month * number,
                    "x_weight": number,
                }
                for month in (2, 3, 7, 11)
                for number in range(month)
            ]
        )

    @classmethod
    def _kpis(cls, user):
        kpis = cls.env["kpi.definition"].with_user(user)
        return kpis.with_context(allowed_company_ids=cls.company.ids)

    def setUp(self):
        super().setUp()
        self.enterContext(self._at("2023-11-20 12:00:00"))

    def _preview(self, definition=None, **values):
        given = {"calendar_id": self.calendar.id, **values}
        return self.kpis.get_preview(given, definition and definition.id)

    def _by_month(self, preview):
        return {point["label"]: point["value"] for point in preview["points"]}

    def test_it_shows_what_is_computed_once_the_kpi_is_saved(self):
        measured = {
            "measure_field": "x_hours",
            "weight_field": "x_weight",
            "numerator_domain": "[('x_is_won', '=', True)]",
        }
        for measure in ("count", "sum", "average", "weighted_average", "median"):
            values = {**BASIS, **measured, "measure": measure, "unit": "number"}
            values["domain"] = "[('x_hours', '>', 3)]"
            preview = self._preview(**values)
            saved = self._definition(measure, **values)
            report = self._track(saved)
            self._compute()
            stored = self._values(report)
            with self.subTest(measure=measure):
                self.assertEqual(preview["message"], "")
                points = preview["points"]
                self.assertEqual(len(points), 12)
                self.assertEqual([point["running"] for point in points][-2:], [0, 1])
                shown = [point["value"] for point in points][1:]  # of 2023
                months = [date(2023, month, 1) for month in range(1, 12)]
                self.assertEqual(shown, [stored.get(month) for month in months])

    def test_what_is_open_is_counted_at_the_end_of_each_period(self):
        found = self._by_month(self._preview(**BASIS, kind="stock"))
        self.assertEqual(
            (found["Jan 2023"], found["Feb 2023"], found["Mar 2023"]), (None, 2, 5)
        )

    def test_only_records_count_that_the_user_may_read(self):
        self.assertEqual(self._by_month(self._preview(**BASIS))["Jul 2023"], 7)
        self.env["ir.rule"].create(
            {
                "name": "won only",
                "model_id": self.env["ir.model"]._get_id(MODEL),
                "domain_force": "[('x_is_won', '=', True)]",
            }
        )
        self.assertEqual(self._by_month(self._preview(**BASIS))["Jul 2023"], 3)

    def test_who_may_read_no_record_sees_no_first_one(self):
        self.env["ir.rule"].create(
            {
                "name": "none",
                "model_id": self.env["ir.model"]._get_id(MODEL),
                "domain_force": "[('id', '=', 0)]",
            }
        )
        months = self._by_month(self._preview(**BASIS))
        self.assertEqual({*months.values()}, {None})

    def test_the_latest_records_of_the_running_period_are_named(self):
        records = self._preview(**BASIS)["records"]
        self.assertEqual((records["model"], records["count"]), (MODEL, 11))
        self.assertEqual(records["period"], "Nov 2023")
        self.assertEqual(len(records["ids"]), 11)
        days = [each["day"] for each in records["named"]]
        for day, number in zip(days, (11, 10, 9), strict=True):
            self.assertIn(str(number), day)
        deals = self.deals.browse(records["ids"])
        self.assertEqual(set(deals.mapped("x_date")), {*map(_november, range(1, 12))})
        won = self._preview(**BASIS, domain="[('x_is_won', '=', True)]")["records"]
        self.assertEqual(won["count"], 5)
        none = self._preview(**BASIS, domain="[('x_hours', '>', 1000)]")
        self.assertIsNone(none["records"])

    def test_records_that_one_may_not_read_are_not_named(self):
        self.env["ir.rule"].create(
            {
                "name": "won only",
                "model_id": self.env["ir.model"]._get_id(MODEL),
                "domain_force": "[('x_is_won', '=', True)]",
            }
        )
        records = self._preview(**BASIS)["records"]
        self.assertEqual(records["count"], 5)
        deals = self.deals.browse(records["ids"])
        self.assertTrue(all(deals.mapped("x_is_won")))

    def test_nothing_is_stored(self):
        count = self.env["kpi.definition"].search_count([])
        self._preview(**BASIS)
        self.assertEqual(self.env["kpi.definition"].search_count([]), count)
        self.assertFalse(self.env["kpi.source"].search([]))

    def test_a_saved_definition_is_shown_as_its_form_is_now(self):
        saved = self._definition("Won", domain="[('x_is_won', '=', True)]")
        found = self._by_month(self._preview(saved))
        self.assertEqual(found["Jul 2023"], 3)
        found = self._by_month(self._preview(saved, domain="[]"))
        self.assertEqual(found["Jul 2023"], 7)
        self.assertEqual(saved.domain, "[('x_is_won', '=', True)]")

    def test_a_snapshot_has_no_past(self):
        preview = self._preview(**BASIS, kind="snapshot")
        self.assertEqual([point["value"] for point in preview["points"]], [23])
        self.assertIn("Shows the running period only", preview["message"])

    def test_where_there_is_nothing_it_says_why(self):
        for values, message in (
            ({"domain": "[('x_hours', '>', 1000)]"}, "No records in these periods"),
            ({"measure": "sum"}, "Field: choose a field of Deal"),
            ({"date_field": False}, "Date: choose a field of Deal"),
            ({"domain": "[('x_gone', '=', 1)]"}, "x_gone"),
            ({"domain": "[('x_hours', '=', 'many')]"}, "many"),
            ({"model_name": "gone.model"}, "“gone.model” is not installed"),
        ):
            with self.subTest(message):
                preview = self._preview(**{**BASIS, **values})
                self.assertIn(message, preview["message"])
                known = [point for point in preview["points"] if point["value"]]
                self.assertFalse(known)

    def test_what_takes_too_long_is_given_up_and_harms_nothing(self):
        with patch.object(kpi_definition_preview, "PREVIEW_MILLISECONDS", 20):
            rows = self.kpis._fetch_in_time(SQL("SELECT pg_sleep(600)"))
        self.assertIsNone(rows)
        self.assertEqual(self.kpis._fetch_in_time(SQL("SELECT 1")), [(1,)])
        self.env.cr.execute("SHOW statement_timeout")
        self.assertEqual(self.env.cr.fetchone(), ("0",))

    def test_who_may_not_define_kpis_sees_no_preview(self):
        employee = self._create_user("preview_employee")
        with self.assertRaises(AccessError):
            self._kpis(employee).get_preview(BASIS)

    def test_drafts_and_cancelled_records_that_count_are_named(self):
        orders = {
            "computation": "records",
            "model_name": "kpi.test.sale",
            "date_field": "day",
        }
        self.env["kpi.test.sale"].create(
            [
                {"day": "2023-10-05", "state": state}
                for state in ("draft", "sale", "cancel", False)
            ]
        )
        preview = self._preview(**orders)
        self.assertEqual(self._by_month(preview)["Oct 2023"], 4)
        states = preview["states"]
        self.assertEqual(states["labels"], ["Quotation", "Cancelled"])
        left = self._preview(**orders, domain=states["domain"])
        self.assertIsNone(left["states"])
        self.assertEqual(self._by_month(left)["Oct 2023"], 2)
        both = self._preview(**orders, domain="['|', ('id', '<', 0), ('id', '>', 0)]")
        left = self._preview(**orders, domain=both["states"]["domain"])
        self.assertEqual(self._by_month(left)["Oct 2023"], 2)

    def test_records_without_a_draft_are_not_warned_of(self):
        self.assertIsNone(self._preview(**BASIS)["states"])
        self.assertIsNone(self._preview(computation="manual")["states"])


def _november(day):
    return date(2023, 11, day)
