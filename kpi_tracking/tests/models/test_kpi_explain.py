from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import html2plaintext, mute_logger

from ..common import FIRST, MODEL, KpiCase

MARCH = date(2023, 3, 1)
GROUP = "kpi_base.kpi_base_group_{}"


@tagged("post_install", "-at_install")
class TestKpiExplain(KpiCase):
    """Every number says where it comes from, as far as the viewer may see it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deals_kpi = cls._definition(
            "Amount", measure="sum", measure_field="x_quantity"
        )
        cls.user = cls._create_user("viewer", groups=GROUP.format("user"))
        cls.officer = cls._create_user("officer", groups=GROUP.format("officer"))
        cls.deals.create(
            [
                {
                    "x_name": f"deal {quantity}",
                    "x_active": True,
                    "x_date": date(2023, 3, 1 + quantity),
                    "x_quantity": quantity,
                    "x_company_id": cls.company.id,
                    "x_user_id": cls.user.id,
                }
                for quantity in range(1, 6)
            ]
        )
        cls.env["ir.model.access"].create(
            {
                "name": "deals",
                "model_id": cls.deal_model.id,
                "group_id": cls.env.ref("base.group_user").id,
                "perm_read": True,
            }
        )

    def _report(self, definition, *records):
        (report,) = self._track(definition, *records)
        report.shared_user_ids = self.user
        self._compute()
        return report

    @staticmethod
    def _as(records, user):
        companies = user.company_ids.ids
        return records.with_user(user).with_context(allowed_company_ids=companies)

    def test_the_records_of_a_value_add_up_to_it(self):
        for scope in self.company, self.user:
            report = self._report(self.deals_kpi, scope)
            found = report.get_explanation(MARCH)
            records = self.deals.browse(found["records"]["ids"])
            self.assertEqual(found["value"], 1 + 2 + 3 + 4 + 5)
            self.assertEqual(sum(records.mapped("x_quantity")), found["value"])

    def test_records_of_a_department_and_a_quarter(self):
        department = self._create_department("Sales")
        self._employ(self.user, department)
        report = self._report(self.deals_kpi, department)
        self.assertEqual(report.get_explanation(MARCH)["records"]["count"], 5)
        quarter = report.get_explanation(date(2023, 1, 1), "quarter")
        self.assertEqual(quarter["records"]["count"], 5)
        self.assertEqual(quarter["value"], 15.0)

    def test_a_viewer_opens_only_what_he_may_read(self):
        self.env["ir.rule"].create(
            {
                "name": "small deals",
                "model_id": self.deal_model.id,
                "domain_force": "[('x_quantity', '<', 4)]",
            }
        )
        report = self._report(self.deals_kpi)
        found = self._as(report, self.user).get_explanation(MARCH)
        self.assertEqual(found["records"]["count"], 5)
        self.assertEqual(found["records"]["readable_count"], 3)
        self.assertFalse(found["sql"])
        wizard = self._wizard(self._as(report, self.user))
        self.assertIn("3 of 5 records", wizard.records_label)
        action = wizard.action_open_records()
        self.assertEqual(action["res_model"], MODEL)
        self.assertEqual(
            self._as(self.env[MODEL], self.user).search_count(action["domain"]), 3
        )

    def test_a_viewer_without_access_to_the_model_sees_the_number_only(self):
        self.env["ir.model.access"].search(
            [("model_id", "=", self.deal_model.id)]
        ).perm_read = False
        report = self._report(self.deals_kpi)
        found = self._as(report, self.user).get_explanation(MARCH)
        self.assertEqual(found["value"], 15.0)
        self.assertEqual(found["records"]["ids"], [])
        self.assertEqual(found["records"]["count"], 5)

    def test_officers_see_the_statement_that_finds_the_records(self):
        report = self._report(self.deals_kpi)
        team, other = self.env["kpi.team"].create(
            [{"name": name, "company_id": self.company.id} for name in ("A", "B")]
        )
        deals = self.deals.search([("x_user_id", "=", self.user.id)])
        deals[:2].x_team_id, deals[2:].x_team_id = team, other
        by_team = self._definition(
            "By team",
            measure="sum",
            measure_field="x_quantity",
            team_field="x_team_id",
        )
        self._track(by_team, other)
        for each in report, self._report(by_team, team):
            found = self._as(each, self.officer).get_explanation(MARCH)
            self.env.cr.execute(found["sql"])
            self.assertEqual(
                self.env.cr.fetchall(), [(found["value"], found["records"]["ids"])]
            )

    def test_the_method_names_dates_as_the_reader_knows_them(self):
        report = self._report(self.deals_kpi)
        self.env["res.lang"]._activate_lang("de_DE")
        german = self._as(report, self.user).with_context(lang="de_DE")
        method = german.get_explanation(MARCH)["method"]
        self.assertIn("“Date” from 1. März 2023 to 31. März 2023", method)
        self.assertIn("“Quantity”", method)

    def test_moments_are_in_the_readers_time_zone(self):
        report = self._report(self._definition("Mood", computation="manual"))
        with self._at("2023-03-04 23:30:00"):
            report._enter_value(MARCH, 4)
        self.user.tz = "Asia/Tokyo"
        method = self._as(report, self.user).get_explanation(MARCH)["method"]
        self.assertIn("Mar 5, 2023, 8:30", method)

    def test_a_filter_is_told_to_those_who_may_read_the_records(self):
        self.deals_kpi.domain = "[('x_quantity', '>', 2)]"
        report = self._report(self.deals_kpi)
        wizard = self._wizard(self._as(report, self.user))
        self.assertEqual(
            wizard.records_filter,
            {"model": MODEL, "domain": "[('x_quantity', '>', 2)]"},
        )
        self.env["ir.model.access"].search(
            [("model_id", "=", self.deal_model.id)]
        ).perm_read = False
        self.assertFalse(self._wizard(self._as(report, self.user)).records_filter)

    def test_the_dialog_opens_with_the_value(self):
        report = self._report(self.deals_kpi)
        context = report.action_explain_period("month", MARCH)["context"]
        form = Form(
            self._as(self.env["kpi.explanation"], self.user).with_context(**context)
        )
        self.assertEqual(form.title, f"{report.name}, Mar 2023")
        self.assertEqual(form.value, 15.0)
        self.assertFalse(form.restatement_text)  # nothing was restated

    def test_a_share_shows_its_counts(self):
        share = self._definition(
            "Big",
            measure="share",
            unit="percent",
            domain="[('x_quantity', '>', 1)]",
            numerator_domain="[('x_quantity', '>', 4)]",
        )
        wizard = self._wizard(self._report(share))
        self.assertEqual(wizard.value, 25.0)
        self.assertEqual(wizard.share_label, "1 of 4 records")
        self.assertEqual(wizard.share_filter["domain"], share.numerator_domain)

    def test_closed_snapshots_do_not_pretend_to_know_their_records(self):
        snapshot = self._definition("Stock", kind="snapshot")
        report = self._report(snapshot)
        found = report.get_explanation(MARCH)
        self.assertNotIn("records", found)
        self.assertIn("cannot be listed", found["method"])

    def test_strangers_learn_nothing(self):
        report = self._report(self.deals_kpi)
        report.shared_user_ids = False
        report.owner_id = self.officer
        with self.assertRaises(AccessError):
            self._as(report, self.user).get_explanation(MARCH)

    def test_what_is_not_one_kpi_has_no_explanation(self):
        report = self._report(self.deals_kpi)
        others = self._report(self._definition("Others"))
        gone = report.browse(others.id + 1000)
        for wrong in (report.browse(), gone, report | others):
            with self.assertRaisesRegex(UserError, "Choose one KPI to explain"):
                wrong.get_explanation()

    def test_a_formula_shows_its_parts(self):
        twice = self.env["kpi.definition"].create(
            {
                "name": "Twice",
                "code": "twice",
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
                "computation": "formula",
                "formula": "amount * 2",
                "history_start": FIRST,
            }
        )
        part = self._report(self.deals_kpi)
        report = self._report(twice)
        found = self._as(report, self.user).get_explanation(MARCH)
        self.assertEqual(
            [(row["text"], row["value"]) for row in found["parts"]],
            [("amount", 15.0), ("amount * 2", 30.0)],
        )
        self.assertEqual(found["parts"][1]["label"], "“Amount” * 2")
        self.assertIn("“Amount” * 2, computed", found["method"])
        self.assertEqual(found["parts"][0]["report_id"], part.id)
        part.shared_user_ids = False
        part.owner_id = self.officer
        found = self._as(report, self.user).get_explanation(MARCH)
        self.assertFalse(found["parts"][0]["report_id"])
        self.assertEqual(
            [(row["value"], row["is_hidden"]) for row in found["parts"]],
            [(None, True), (30.0, False)],
        )

    def test_a_part_made_up_of_people_is_not_shown_for_an_empty_report(self):
        entered = self._definition("Entered", computation="manual")
        (below,) = self._track(entered, self.officer)
        self.env["kpi.measurement"]._upsert(
            "month", [(below.id, MARCH, 7.0)], source="manual"
        )
        self._report(entered, self.company)
        same = self._definition("Same", computation="formula", formula="entered * 1")
        report = self._report(same)
        for user, shown in ((self.user, (None, True)), (self.officer, (7.0, False))):
            found = self._as(report, user).get_explanation(MARCH)
            self.assertEqual(
                [(row["value"], row["is_hidden"]) for row in found["parts"]],
                [shown, (7.0, False)],
            )

    def test_parts_of_a_formula_have_the_unit_of_their_kpi(self):
        self.deals_kpi.write({"unit": "currency", "decimals": 2})
        rate = self.env["kpi.definition"].create(
            {
                "name": "Rate",
                "code": "rate",
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
                "computation": "formula",
                "unit": "percent",
                "decimals": 1,
                "formula": "(100 * prev(amount, 1) / amount)",
                "history_start": FIRST,
            }
        )
        self._report(self.deals_kpi)
        parts = self._report(rate).get_explanation(MARCH)["parts"]
        units = {
            part["text"]: part["unit"]
            and (part["unit"]["kind"], part["unit"]["decimals"])
            for part in parts
        }
        self.assertEqual(
            units,
            {
                "amount": ("currency", 2),
                "prev(amount, 1)": ("currency", 2),
                "100 * prev(amount, 1)": None,
                "100 * prev(amount, 1) / amount": ("percent", 1),
            },
        )

    def test_a_part_that_cannot_be_computed_is_named(self):
        common = {
            "company_id": self.company.id,
            "calendar_id": self.calendar.id,
            "computation": "formula",
            "history_start": FIRST,
        }
        self.env["kpi.definition"].create(
            {**common, "name": "Inner", "code": "inner", "formula": "amount / 2"}
        )
        outer = self.env["kpi.definition"].create(
            {**common, "name": "Outer", "code": "outer", "formula": "inner * 2"}
        )
        self._track(self.deals_kpi)
        report = self._report(outer)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kpi_definition SET active = FALSE WHERE id = %s",
            [self.deals_kpi.id],
        )
        self.env.invalidate_all()
        found = report.get_explanation(MARCH)
        self.assertEqual(found["value"], 15.0)
        self.assertRegex(found["method"], "Inner .*archived.*: amount\\.")

    def test_entered_values_are_noted_as_people_write_them(self):
        cases = [
            ({"unit": "percent", "decimals": 1}, 4, "Mar 2023: 4.0%."),
            ({"unit": "number"}, 1234.25, "Mar 2023: 1,234.25."),
            ({"unit": "boolean"}, 1, "Mar 2023: Yes."),
            ({"unit": "currency"}, 1234.5, "1,234.50"),
            ({"unit": "duration", "duration_unit": "hour"}, 2, "2\u202fHours."),
            ({"unit": "custom", "unit_symbol": "kg"}, 2, "2\u202fkg."),
        ]
        for number, (values, entered, shown) in enumerate(cases):
            manual = self._definition(f"M{number}", computation="manual", **values)
            report = self._report(manual)
            report._enter_value(MARCH, entered)
            self.assertIn(shown, html2plaintext(report.message_ids[0].body))

    def test_entered_values_say_who_and_what_was_before(self):
        manual = self._definition("Mood", computation="manual")
        report = self._report(manual)
        report.owner_id = self.user
        mine = self._as(report, self.user)
        mine._enter_value(MARCH, 4)
        mine._enter_value(MARCH, 5, "recounted")
        found = mine.get_explanation(MARCH)
        self.assertIn("viewer", found["method"])
        (revision,) = found["revisions"]
        self.assertEqual((revision["old_value"], revision["new_value"]), (4.0, 5.0))
        self.assertEqual(revision["reason"], "recounted")
        self.assertIn("recounted", str(report.message_ids[0].body))

    def test_entering_is_refused_with_a_reason(self):
        report = self._report(self._definition("Mood", computation="manual"))
        yes_no = self._report(
            self._definition("Done", computation="manual", unit="boolean")
        )
        computed = self._report(self.deals_kpi)
        future = date(self.calendar._today().year + 1, 1, 1)
        cases = [
            (report, MARCH, float("nan"), ValidationError, "enter a finite number"),
            (report, MARCH, float("inf"), ValidationError, "enter a finite number"),
            (report, future, 1, ValidationError, "has not started"),
            (report, date(1899, 12, 31), 1, ValidationError, "1900"),
            (yes_no, MARCH, 0.5, ValidationError, "1 for yes or 0 for no"),
            (computed, MARCH, 1, UserError, "is computed"),
        ]
        for target, day, value, error, message in cases:
            with self.subTest(message=message), self.assertRaisesRegex(error, message):
                target._enter_value(day, value)
        self.assertFalse(self._values(report))

    def test_targets_are_finite_and_scopes_stay(self):
        team = self.env["kpi.team"].create(
            {"name": "Team", "company_id": self.company.id}
        )
        report = self._report(self.deals_kpi, team)
        for day, value in (MARCH, float("nan")), (FIRST, float("inf")):
            values = {"report_id": report.id, "date_from": day, "value": value}
            with self.assertRaisesRegex(ValidationError, "Target: .*finite"):
                self.env["kpi.target"].create(values)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            team.unlink()

    def test_only_the_responsible_enter(self):
        report = self._report(self._definition("Mood", computation="manual"))
        report.owner_id = self.officer
        with self.assertRaises(AccessError):
            self._as(report, self.user)._enter_value(MARCH, 1)
        report.owner_id = self.user
        self._as(report, self.user)._enter_value(MARCH, 1)
        self.assertEqual(self._values(report), {MARCH: 1.0})

    def test_a_value_of_an_unknown_app_is_explained(self):
        external = self._definition("Outside", computation="external")
        report = self._report(external)
        facts = self.env["kpi.measurement"]
        facts._upsert("month", [(report.id, MARCH, 7.5, 2.0)], source="external")
        self.assertEqual(self._values(report), {MARCH: 7.5})
        found = report.get_explanation(MARCH)
        self.assertEqual(found["method"], "Provided by another app.")

    def _wizard(self, report):
        return report.env["kpi.explanation"].create(
            {"report_id": report.id, "grain": "month", "period_start": MARCH}
        )
