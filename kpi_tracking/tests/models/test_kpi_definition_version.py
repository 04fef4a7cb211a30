from datetime import date
from itertools import pairwise

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.kpi_base.engine.periods import Period

from ...models.definition.kpi_method_mixin import Stretch
from .version_case import APRIL, FIRST, HOURS, LARGE, LAST, SMALL, KpiVersionCase


@tagged("post_install", "-at_install")
class TestKpiDefinitionVersion(KpiVersionCase):
    """What is changed from a period on leaves the values before it as they were."""

    def test_values_before_it_stay_and_those_after_it_are_the_new_ones(self):
        hours = self._hours()
        report = self._tracked(hours)
        before = {month: 11.0 * month for month in HOURS}
        self.assertEqual(self._months(report), before)
        hours._change({"domain": SMALL}, APRIL)
        self._compute(FIRST, LAST)
        after = {month: month * (11.0 if month < 4 else 1.0) for month in HOURS}
        self.assertEqual(self._months(report), after)
        self.assertEqual(hours.domain, SMALL, "it is in force today")
        self.assertEqual(hours.version_ids.mapped("changed_fields"), ["Filter", ""])
        self.assertSameAsForced(FIRST, LAST)
        self.assertEqual(self._months(report), after)

    def test_only_what_changed_is_computed_again(self):
        hours, other = self._hours(), self._hours("Other")
        self._tracked(hours)
        self._tracked(other)
        hours._change({"domain": SMALL}, APRIL)
        compiled = []
        fill = type(self.env["kpi.source"])._fill

        def record(source, statement, periods, *args):
            compiled.append((statement.definitions, [p.start for p in periods]))
            return fill(source, statement, periods, *args)

        self.patch(type(self.env["kpi.source"]), "_fill", record)
        self._compute(FIRST, LAST)
        self.assertEqual(
            compiled, [(hours, [date(2023, month, 1) for month in (4, 5, 6)])]
        )

    def test_a_later_version_is_computed_from_its_day_and_then_taken_over(self):
        hours = self._hours()
        report = self._tracked(hours)
        hours._change({"domain": SMALL}, date(2023, 7, 1))
        self.assertEqual(hours.domain, "[]")
        self.env["kpi.definition"]._take_over_due()
        self.assertEqual(hours.domain, "[]", "its period has not begun")
        self._compute(FIRST, LAST)
        self.assertEqual(self._months(report)[6], 66.0)
        self.deals.create(
            [
                {
                    "x_name": name,
                    "x_date": date(2023, 7, 1),
                    "x_hours": size,
                    "x_active": True,
                    "x_company_id": self.company.id,
                }
                for name, size in (("Small", 5.0), ("Large", 50.0))
            ]
        )
        with self._at("2023-07-01 00:30:00"):
            self._compute(FIRST, date(2023, 7, 1))
            self.assertEqual(self._months(report)[7], 5.0, "before it is taken over")
            self.env["kpi.definition"]._take_over_due()
            self.assertEqual(hours.domain, SMALL)
            self._compute(FIRST, date(2023, 7, 1))
        self.assertEqual(self._months(report)[7], 5.0)
        self.assertEqual(self._months(report)[6], 66.0)

    def test_a_plain_change_holds_from_the_running_period_on(self):
        hours = self._hours()
        report = self._tracked(hours)
        hours.write({"domain": LARGE, "name": "Large hours"})
        self.assertEqual(hours.name, "Large hours")
        self.assertEqual(len(hours.version_ids), 2)
        self._compute(FIRST, LAST)
        expected = {1: 11.0, 2: 22.0, 3: 33.0, 4: 44.0, 5: 55.0, 6: 60.0}
        self.assertEqual(self._months(report), expected)
        hours.domain = SMALL
        self._compute(FIRST, LAST)
        self.assertEqual(self._months(report), {**expected, 6: 6.0})
        self.assertEqual(len(hours.version_ids), 2, "the one of the same day is gone")

    def test_what_holds_for_all_periods_stays_when_a_version_takes_over(self):
        """What people chose against what the measured field suggests."""
        chosen = {"unit": "number", "aggregation_scope": "none", "decimals": 3}
        amounts = self._hours(measure_field="x_amount", **chosen)
        self._tracked(amounts)
        for vals in ({"domain": SMALL}, {"measure_field": "x_hours"}, {"kind": "flow"}):
            amounts._change(vals, APRIL)
            self.assertEqual({name: amounts[name] for name in chosen}, chosen)
        amounts._change({"measure_field": "x_amount"}, date(2023, 6, 1))
        self.assertEqual({name: amounts[name] for name in chosen}, chosen)

    def test_what_holds_for_all_periods_does_not_change_with_a_version(self):
        hours = self._hours()
        self._tracked(hours)
        with self.assertRaisesRegex(UserError, "changing Unit also changes"):
            hours.write({"domain": SMALL, "unit": "percent"})
        self.assertEqual((hours.domain, hours.unit), ("[]", "number"))
        hours.write({"domain": SMALL, "unit": "number"})
        self.assertEqual(hours.domain, SMALL)
        everywhere = hours.with_context(kpi_valid_from="all")
        everywhere.write({"domain": "[]", "aggregation_scope": "none"})
        self.assertEqual(hours.aggregation_scope, "none")

    def test_a_change_is_told_in_the_chatter(self):
        hours = self._hours()
        self._tracked(hours)
        hours._change({"domain": SMALL}, APRIL, "Large ones never count")
        text = hours.message_ids[0].body
        self.assertIn("from Apr 2023: Filter. Large ones never count", text)

    def test_equal_values_change_nothing(self):
        hours = self._hours()
        self._tracked(hours)
        hours._change({"domain": "[]"}, APRIL)
        self.assertFalse(hours.version_ids)
        hours._change({"domain": SMALL}, APRIL)
        hours.write({"domain": SMALL})
        self.assertEqual(len(hours.version_ids), 2)

    def test_the_version_of_a_day_is_replaced_and_kept(self):
        hours = self._hours()
        report = self._tracked(hours)
        hours._change({"domain": "[('x_name', '=', 'Mistaken')]"}, APRIL, "Typo")
        hours._change({"domain": SMALL}, APRIL, "Only small ones")
        self.assertEqual(len(hours.version_ids), 2)
        mistaken = self.env["kpi.definition.version"].search(
            [("definition_id", "=", hours.id), ("active", "=", False)]
        )
        self.assertEqual(mistaken.reason, "Typo")
        self._compute(FIRST, LAST)
        self.assertEqual(self._months(report)[4], 4.0)

    def test_who_looks_at_archived_kpis_sees_no_mistaken_version(self):
        hours = self._hours()
        self._tracked(hours)
        hours._change({"domain": SMALL}, APRIL)
        hours._change({"domain": LARGE}, APRIL)
        everything = hours.with_context(active_test=False)
        self.assertEqual(len(everything.version_ids), 2)
        self.assertEqual(len(everything._list_stretches()), 2)

    def test_for_all_history_the_versions_are_gone(self):
        hours = self._hours()
        report = self._tracked(hours)
        hours._change({"domain": LARGE}, APRIL)
        hours._change({"domain": SMALL})
        self.assertFalse(hours.version_ids)
        self._compute(FIRST, LAST)
        self.assertEqual(self._months(report), {m: 1.0 * m for m in HOURS})

    def test_another_date_is_another_source(self):
        hours = self._hours()
        report = self._tracked(hours)
        self.deals.search([]).write({"x_closed_date": date(2023, 5, 3)})
        hours._change({"date_field": "x_closed_date"}, APRIL)
        self.assertEqual(len(hours.source_ids), 2)
        self._compute(FIRST, LAST)
        self.assertEqual(
            self._months(report),
            # in April none had been closed yet
            {1: 11.0, 2: 22.0, 3: 33.0, 5: 11.0 * 21, 6: 0.0},
        )
        self.assertSameAsForced(FIRST, LAST)

    def test_a_year_with_values_of_its_own_is_wholly_new(self):
        """In force is the version of the last day, in every length of periods."""
        names = self._definition(
            "Names", measure="distinct", measure_field="x_name", coarsest_grain="year"
        )
        report = self._tracked(names)
        names._change({"domain": SMALL}, APRIL)
        self._compute(FIRST, LAST)
        self.assertEqual(self._months(report)[3], 2.0)
        self.assertEqual(self._months(report)[4], 1.0)
        self.assertEqual(self._months(report, "year"), {1: 1.0})
        self.assertEqual(self._months(report, "quarter"), {1: 2.0, 4: 1.0})

    def test_earlier_values_are_explained_by_the_version_of_then(self):
        hours = self._hours()
        report = self._tracked(hours)
        hours._change({"domain": SMALL}, APRIL)
        self._compute(FIRST, LAST)
        then = report.get_explanation("2023-03-01")
        self.assertEqual(then["records"]["count"], 2)
        self.assertEqual(then["filter"]["domain"], "[]")
        now = report.get_explanation("2023-04-01")
        self.assertEqual(now["records"]["count"], 1)
        self.assertEqual(now["filter"]["domain"], SMALL)

    def test_parts_follow_the_version(self):
        hours = self._hours(
            breakdown_ids=[Command.create({"field_path": "x_name", "top_count": 5})]
        )
        report = self._tracked(hours)
        hours._change({"domain": SMALL}, APRIL)
        self._compute(FIRST, LAST)
        rows = self.env["kpi.measurement.breakdown"].search_read(
            [("report_id", "=", report.id)], ["period_start", "key", "value"]
        )
        found = {(row["period_start"].month, row["key"]): row["value"] for row in rows}
        expected = {(month, "Small"): 1.0 * month for month in HOURS}
        expected |= {(month, "Large"): 10.0 * month for month in (1, 2, 3)}
        self.assertEqual(found, expected)
        self.assertFalse(hours.computation_error)
        self.assertSameAsForced(FIRST, LAST)

    def test_entered_values_stay_where_records_count_from_a_period_on(self):
        entered = self._hours(computation="manual")
        report = self._track(entered, self.company)
        rows = [(report.id, FIRST, 7.0), (report.id, date(2023, 2, 1), 8.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")
        entered._change({"computation": "records"}, APRIL)
        self._compute(FIRST, LAST)
        expected = {1: 7.0, 2: 8.0, 4: 44.0, 5: 55.0, 6: 66.0}
        self.assertEqual(self._months(report), expected)
        self.assertEqual(entered.computation, "records")

    def test_a_formula_is_evaluated_by_the_version_of_each_period(self):
        hours = self._hours()
        self._tracked(hours)
        rate, report = self._formula("max(hours, 0) * 2")
        self.assertEqual(self._months(report)[3], 66.0)
        rate._change({"formula": "hours + prev(hours)"}, APRIL)
        self.assertEqual(rate.stale_from, APRIL)
        self.env["kpi.definition"]._recompute_formulas()
        expected = {m: 22.0 * m if m < 4 else 11.0 * (2 * m - 1) for m in HOURS}
        self.assertEqual(self._months(report), expected)
        then = report.get_explanation("2023-03-01")
        self.assertIn("× 2" if "×" in then["method"] else "* 2", then["method"])

    def test_a_part_of_past_formulas_may_be_archived(self):
        hours, other = self._hours(), self._hours("Other")
        self._tracked(hours)
        self._tracked(other)
        rate, report = self._formula("other")
        rate._change({"formula": "hours * 2"}, APRIL)
        self.assertEqual(rate.component_ids, hours | other)
        with self.assertRaisesRegex(UserError, "Rate"):
            hours.active = False
        other.active = False
        self.env["kpi.definition"]._recompute_formulas()
        self.assertFalse(rate.computation_error)
        self.assertEqual(self._months(report)[3], 33.0)
        self.assertEqual(self._months(report)[4], 88.0)

    def test_cycles_are_refused_over_all_versions_together(self):
        hours = self._hours()
        self._tracked(hours)
        first, _report = self._formula("hours", "First")
        second, _report = self._formula("first", "Second")
        second._change({"formula": "hours"}, APRIL)
        with self.assertRaisesRegex(ValidationError, "Circular reference"):
            first._change({"formula": "second"}, APRIL)

    def test_what_cannot_be_is_refused_and_nothing_is_stored(self):
        hours = self._hours()
        self._tracked(hours)
        for vals, day, error in (
            ({"domain": SMALL}, date(2023, 4, 2), "Use Apr 1"),
            ({"domain": "[('x_none', '=', 1)]"}, APRIL, "x_none"),
            ({"measure": "average"}, APRIL, "(?s)cannot be combined|cannot change"),
            ({"measure": "max"}, APRIL, "cannot change"),
            ({"computation": "formula", "formula": "1"}, APRIL, "cannot change"),
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, error):
                hours._change(vals, day)
            self.assertFalse(hours.version_ids)
        with self.assertRaises(ValueError):
            hours._change({"name": "x"}, APRIL)

    def test_before_there_are_values_it_is_changed_in_place(self):
        hours = self._hours()
        hours._change({"domain": SMALL}, APRIL)
        self.assertFalse(hours.version_ids)
        self.assertEqual(hours.domain, SMALL)

    def test_the_form_asks_from_when_on_and_saves_so(self):
        hours = self._hours(decimals=1)
        report = self._tracked(hours)
        values = {"domain": SMALL, "name": "Small hours"}
        self.assertIsNone(hours.get_change({"name": "x", "domain": "[]"}, hours.id))
        change = hours.get_change(values, hours.id)
        kinds = [each["kind"] for each in change["choices"]]
        self.assertEqual(kinds, ["running", "next", *["earlier"] * 4, "all"])
        self.assertEqual(
            {each["day"]: each["closed_count"] for each in change["choices"]},
            {
                "2023-06-01": 0,
                "2023-07-01": 0,
                "2023-05-01": 1,
                "2023-04-01": 2,
                "2023-03-01": 3,
                "2023-02-01": 4,
                "all": 5,
            },
        )
        points = {
            each["label"]: (each["old"], each["new"]) for each in change["points"]
        }
        self.assertEqual(points["Apr 2023"], (44.0, 4.0))
        hours.with_context(kpi_valid_from="2023-04-01").write(values)
        self.assertEqual(hours.name, "Small hours")
        self._compute(FIRST, LAST)
        self.assertEqual(self._months(report)[3], 33.0)
        self.assertEqual(self._months(report)[4], 4.0)
        hours.with_context(kpi_valid_from="all").write({"domain": LARGE})
        self._compute(FIRST, LAST)
        self.assertEqual(self._months(report), {m: 10.0 * m for m in HOURS})
        hours._change({"domain": SMALL}, APRIL)
        self.assertEqual(len(hours.version_ids), 2)
        with self.assertRaisesRegex(UserError, "is not a date"):
            hours.with_context(kpi_valid_from="soon").write({"domain": SMALL})

    def test_a_changed_formula_is_compared_before_it_is_saved(self):
        hours = self._hours()
        self._tracked(hours)
        rate, _report = self._formula("hours * 2")
        top, _report = self._formula("rate + 1", "Top")
        change = rate.get_change({"formula": "hours + 1"}, rate.id)
        points = {
            each["label"]: (each["old"], each["new"]) for each in change["points"]
        }
        self.assertEqual(points["Apr 2023"], (88.0, 45.0))
        (formulas,) = change["used_in"]
        self.assertEqual(formulas["label"], "Formulas")
        self.assertEqual([each["name"] for each in formulas["items"]], ["Top"])
        wrong = rate.get_change({"formula": "hours +"}, rate.id)
        self.assertTrue(wrong["message"])

    def test_nobody_writes_versions_but_by_a_change(self):
        hours = self._hours()
        self._tracked(hours)
        officer = self._create_user("officer", groups="kpi_base.kpi_base_group_officer")
        employee = self._create_user("employee")
        self.env["ir.model.access"].create(
            {
                "name": "deals",
                "model_id": self.env["ir.model"]._get_id(self.deals._name),
                "group_id": self.env.ref("kpi_base.kpi_base_group_officer").id,
                "perm_read": True,
            }
        )
        hours = hours.with_context(allowed_company_ids=self.company.ids)
        with self.assertRaises(AccessError):
            hours.with_user(employee)._change({"domain": SMALL}, APRIL)
        with self.assertRaises(AccessError):
            self.env["kpi.definition.version"].with_user(officer).create(
                {"definition_id": hours.id, "valid_from": APRIL}
            )
        version = hours.with_user(officer)
        version._change({"domain": "[]", "measure_field": "x_weight"}, APRIL)
        self.assertEqual(hours.version_ids[0].create_uid, officer)

    def test_a_period_belongs_to_the_version_of_its_last_day(self):
        days = (None, date(2026, 5, 16), date(2026, 6, 16), None)
        stretches = [Stretch(None, None, None, *pair) for pair in pairwise(days)]
        for month, place in ((4, 0), (5, 1), (6, 2), (7, 2)):
            period = Period("month", date(2026, month, 1), date(2026, month + 1, 1))
            covered = [stretch.covers(period) for stretch in stretches]
            self.assertEqual(covered, [number == place for number in range(3)])
