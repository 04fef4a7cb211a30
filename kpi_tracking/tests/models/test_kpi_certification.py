from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.kpi_base.roles import ADMIN, OFFICER, USER

from ...models.certification.kpi_definition import OTHERS_ONLY
from .version_case import SMALL, KpiVersionCase

NEXT_YEAR = date(2024, 6, 1)
JULY = date(2023, 7, 1)


@tagged("post_install", "-at_install")
class TestKpiCertification(KpiVersionCase):
    """A badge stands as long as nothing changes that decides on the values."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Messages are what some of these tests are about.
        cls.env = cls.env(context={"allowed_company_ids": cls.company.ids})
        groups = "base.group_user"
        cls.admin = cls._create_user("kpi.admin", groups=f"{groups},{ADMIN}")
        cls.officer = cls._create_user("kpi.officer", groups=f"{groups},{OFFICER}")
        cls.owner = cls._create_user("kpi.owner", groups=f"{groups},{USER}")

    def _certified(self, definition, until=NEXT_YEAR):
        definition.with_user(self.admin)._certify(until)
        self.assertEqual(definition.certification, "certified")
        return definition

    def _ratio(self, formula="100 * hours / deals"):
        """A formula of two KPIs, and the first of these."""
        hours = self._hours()
        self._definition("Deals")
        ratio = self._definition("Ratio", computation="formula", formula=formula)
        return ratio, hours

    def test_it_says_who_checked_it_and_when(self):
        hours = self._certified(self._hours())
        self.assertEqual(hours.verified_by_id, self.admin)
        self.assertEqual(hours.verified_on, fields.Datetime.now())
        self.assertEqual(hours.review_by, NEXT_YEAR)
        text = "Certified by kpi.admin on Jun 15"
        self.assertEqual(hours.with_user(self.owner).certification_text, text)
        report = self._track(hours)
        self.assertEqual(report.certification, "certified")
        definition = report.with_user(self.admin).definition_id
        self.assertEqual(definition.get_certification(), text)

    def test_a_change_of_the_method_takes_it_away_and_tells_the_owner(self):
        hours = self._certified(self._hours(owner_id=self.owner.id))
        hours.write({"name": "All hours", "direction": "lower", "decimals": 2})
        self.assertEqual(hours.certification, "certified", "values mean the same")
        hours.with_user(self.officer).write({"history_start": date(2023, 2, 1)})
        self.assertFalse(hours.certification)
        self.assertFalse(hours.verified_by_id)
        told = self.env["kpi.delivery"].search(
            [("subject", "=", "No longer certified: All hours")]
        )
        self.assertEqual(told.user_id, self.owner)
        self.assertEqual((told.res_model, told.res_id), (hours._name, hours.id))
        self.assertIn("Check it and certify the KPI again", told.body)
        self.assertIn(f"/odoo/kpi.definition/{hours.id}", told.body)

    def test_what_decides_on_values_takes_it_away(self):
        changes = {
            "unit": {"unit": "custom", "unit_symbol": "h"},
            "over time": {"aggregation_time": "none"},
            "history": {"history_start": date(2023, 2, 1)},
            "longest period": {"coarsest_grain": "month"},
            "breakdown": {"breakdown_ids": [Command.create({"field_path": "x_name"})]},
        }
        for name, vals in changes.items():
            with self.subTest(name):
                hours = self._certified(self._hours(name))
                hours.write(vals)
                self.assertFalse(hours.certification)

    def test_a_breakdown_of_its_own_takes_it_away(self):
        lines = [Command.create({"field_path": "x_name"})]
        hours = self._certified(self._hours(breakdown_ids=lines))
        hours.breakdown_ids.top_count = 3
        self.assertFalse(hours.certification)
        self._certified(hours)
        hours.breakdown_ids.unlink()
        self.assertFalse(hours.certification)

    def test_a_version_to_come_takes_it_away_but_its_first_day_does_not(self):
        hours = self._hours()
        self._tracked(hours)
        self._certified(hours)
        hours._change({"domain": SMALL}, JULY)
        self.assertFalse(hours.certification, "it was not checked")
        self._certified(hours)
        with self._at("2023-07-01 00:30:00"):
            self.env["kpi.definition"]._take_over_due()
            self.assertEqual(hours.domain, SMALL)
            self.assertEqual(hours.certification, "certified")

    def test_a_part_takes_the_badges_of_its_formulas_away(self):
        ratio, hours = self._ratio()
        double = self._definition("Double", computation="formula", formula="2 * ratio")
        other = self._certified(self._hours("Other"))
        for definition in (ratio, double):
            self._certified(definition)
        hours.domain = SMALL
        self.assertFalse(ratio.certification)
        self.assertFalse(double.certification, "over two steps")
        self.assertEqual(other.certification, "certified")

    def test_working_hours_take_it_away_but_days_off_do_not(self):
        work = self.env["resource.calendar"].create({"name": "Work", "tz": "UTC"})
        time = self._certified(
            self._definition(
                "Time",
                measure="average",
                operand="duration",
                duration_from_field="x_date",
                duration_to_field="x_closed_date",
                unit="duration",
                working_calendar_id=work.id,
            )
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": work.id,
                "date_from": "2023-06-20 00:00:00",
                "date_to": "2023-06-20 23:00:00",
            }
        )
        work.name = "Office"
        self.assertEqual(time.certification, "certified")
        work.attendance_ids[0].hour_from = 7.5
        self.assertFalse(time.certification)
        self._certified(time)
        work.attendance_ids[0].unlink()
        self.assertFalse(time.certification)
        self._certified(time)
        work.tz = "Europe/Berlin"
        self.assertFalse(time.certification)

    def test_rules_of_named_targets_take_it_away_but_numbers_do_not(self):
        hours = self._hours()
        report = self._tracked(hours)
        gap, _report = self._formula("hours - target(hours)", "Gap")
        self._certified(gap)
        targets = self.env["kpi.target"]
        first = targets.create(
            {"report_id": report.id, "date_from": "2023-01-01", "value": 50.0}
        )
        first.value = 60.0
        self.assertEqual(gap.certification, "certified")
        first.write({"rule": "previous_year", "change_percent": 5.0})
        self.assertFalse(gap.certification)
        self._certified(gap)
        first.change_percent = 6.0
        self.assertFalse(gap.certification)
        self._certified(gap)
        budget = self._hours("Budget")
        self._certified(gap)
        first.write({"rule": "kpi", "source_definition_id": budget.id})
        self.assertFalse(gap.certification)
        self._certified(gap)
        budget.domain = SMALL
        self.assertFalse(gap.certification, "its target stands on the budget")
        self._certified(gap)
        first.unlink()
        self.assertFalse(gap.certification)

    def test_what_sql_changed_is_found_at_night(self):
        ratio, hours = self._ratio()
        self._certified(ratio)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kpi_definition SET domain = %s WHERE id = %s", (SMALL, hours.id)
        )
        self.env.invalidate_all()
        self.assertEqual(ratio.certification, "certified", "nobody knows yet")
        self.env["kpi.definition"]._cron_check_certified()
        self.assertFalse(ratio.certification)
        self.assertFalse(hours.changed_by_id)

    def test_a_day_that_has_passed_asks_once_and_a_new_badge_answers(self):
        hours = self._certified(self._hours(owner_id=self.owner.id))
        with self._at("2024-06-01 12:00:00"):
            self.env.invalidate_all()
            self.env["kpi.definition"]._cron_check_certified()
            self.assertFalse(hours.activity_ids, "it is its last day")
        with self._at("2024-06-02 12:00:00"):
            self.env.invalidate_all()
            self.assertEqual(hours.certification, "review")
            self.assertIn("review due since", hours.certification_text)
            for _night in range(2):
                self.env["kpi.definition"]._cron_check_certified()
            self.assertEqual(hours.activity_ids.user_id, self.owner)
            self.assertEqual(hours.activity_ids.date_deadline, NEXT_YEAR)
            self._certified(hours, date(2025, 6, 1))
            self.assertFalse(hours.activity_ids)

    def test_badges_of_who_has_left_are_reviewed(self):
        hours = self._certified(self._hours())
        self.admin.active = False
        self.assertEqual(hours.certification, "review")
        self.assertIn("former employee", hours.certification_text)
        found = self.env["kpi.definition"].search([("certification", "=", "review")])
        self.assertIn(hours, found)

    def test_administrators_certify_or_those_whom_the_category_names(self):
        hours = self._hours()
        self.assertTrue(hours.with_user(self.admin).can_certify)
        self.assertFalse(hours.with_user(self.officer).can_certify)
        with self.assertRaisesRegex(AccessError, "KPI administrators"):
            hours.with_user(self.officer)._certify(NEXT_YEAR)
        sales = self.env["kpi.definition.category"].create({"name": "Sales"})
        with self.assertRaisesRegex(AccessError, "administrators can set certifiers"):
            sales.with_user(self.officer).certifier_ids = self.officer
        sales.with_user(self.admin).certifier_ids = self.officer
        hours.category_id = sales
        with self.assertRaisesRegex(AccessError, r"certified by kpi\.officer"):
            hours.with_user(self.admin)._certify(NEXT_YEAR)
        hours.with_user(self.officer)._certify(NEXT_YEAR)
        self.assertEqual(hours.verified_by_id, self.officer)
        self.officer.active = False
        self.assertTrue(hours.with_user(self.admin).can_certify, "nobody else is left")

    def test_nobody_takes_a_badge_along_into_another_category(self):
        categories = self.env["kpi.definition.category"]
        sales, finance = categories.create([{"name": "Sales"}, {"name": "Finance"}])
        sales.certifier_ids = self.officer
        hours = self._hours(category_id=sales.id)
        hours.with_user(self.officer)._certify(NEXT_YEAR)
        hours.with_user(self.officer).category_id = finance
        self.assertFalse(hours.certification)

    def test_by_a_setting_nobody_certifies_their_own_changes(self):
        ratio, hours = self._ratio()
        hours.with_user(self.admin).history_start = date(2023, 2, 1)
        self._certified(hours)
        hours.with_user(self.admin).action_withdraw_certification()
        self.env["ir.config_parameter"].set_param(OTHERS_ONLY, "True")
        for definition in (hours, ratio):
            with self.assertRaisesRegex(UserError, "You changed Hours. Someone else"):
                definition.with_user(self.admin)._certify(NEXT_YEAR)
        second = self._create_user("kpi.second", groups=f"base.group_user,{ADMIN}")
        hours.with_user(second)._certify(NEXT_YEAR)
        self._certified(ratio)  # somebody else has checked its part

    def test_what_cannot_be_computed_or_is_past_is_refused(self):
        hours = self._hours()
        with self.assertRaisesRegex(UserError, "a future date"):
            hours.with_user(self.admin)._certify(date(2023, 6, 15))
        hours._set_computation_error("A field is gone.")
        with self.assertRaisesRegex(UserError, "A field is gone"):
            hours.with_user(self.admin)._certify(NEXT_YEAR)
        hours._set_computation_error("")
        hours.active = False
        with self.assertRaisesRegex(UserError, "archived"):
            hours.with_user(self.admin)._certify(NEXT_YEAR)

    def test_nobody_writes_a_badge(self):
        hours = self._hours()
        for name, value in {
            "verified_by_id": self.officer.id,
            "verified_on": "2023-06-01 00:00:00",
            "review_by": NEXT_YEAR,
            "verified_hash": "0" * 32,
            "changed_by_id": self.owner.id,
        }.items():
            with self.subTest(name), self.assertRaises(AccessError):
                hours.with_user(self.officer).write({name: value})
        self.assertFalse(self._certified(hours).copy().certification)

    def test_withdrawing_takes_the_right_to_give(self):
        hours = self._certified(self._hours())
        with self.assertRaises(AccessError):
            hours.with_user(self.officer).action_withdraw_certification()
        hours.with_user(self.admin).action_withdraw_certification()
        self.assertFalse(hours.certification)

    def test_certified_ones_are_found_first(self):
        names = ["Calls A", "Calls B", "Calls C"]
        first, second, third = (self._definition(name) for name in names)
        reports = {each: self._track(each) for each in (first, second, third)}
        self._certified(third)
        kpis = self.env["kpi.definition"]
        found = [id_ for id_, _name in kpis.name_search("Calls")]
        self.assertEqual(found, [third.id, first.id, second.id])
        self.assertEqual(
            [id_ for id_, _n in kpis.name_search("Calls", limit=2)], found[:2]
        )
        self.assertEqual(
            [id_ for id_, _n in kpis.name_search("Calls", limit=1)], found[:1]
        )
        found = self.env["kpi.report"].name_search("Calls")
        self.assertEqual(found[0][0], reports[third].id)
        self.assertEqual(len(found), 3)

    def test_the_dialog_certifies_what_was_ticked(self):
        hours, other = self._hours(), self._hours("Other")
        wizard = (
            self.env["kpi.certify.wizard"]
            .with_user(self.admin)
            .with_context(active_model="kpi.definition", active_ids=(hours | other).ids)
            .create({})
        )
        self.assertEqual(wizard.review_by, NEXT_YEAR)
        wizard.action_certify()
        self.assertEqual(
            (hours | other).mapped("certification"), ["certified", "certified"]
        )
