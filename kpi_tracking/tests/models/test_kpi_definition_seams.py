from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .version_case import APRIL, FIRST, HOURS, LAST, SMALL, KpiVersionCase

CHANGED = "Definition changed: new method from here on"


@tagged("post_install", "-at_install")
class TestKpiDefinitionSeams(KpiVersionCase):
    """Where a definition changes is seen wherever values stand beside each other."""

    def _changed(self, **values):
        hours = self._hours(**values)
        report = self._tracked(hours)
        hours._change({"domain": SMALL}, APRIL)
        self._compute(FIRST, LAST)
        return hours, report

    def _causes(self, report):
        revisions = self.env["kpi.measurement.revision"].search(
            [("report_id", "=", report.id)], order="id"
        )
        return [(each.period_start.month, each.cause) for each in revisions]

    def test_a_series_knows_where_its_definition_changes(self):
        hours, report = self._changed()
        self.assertEqual(hours.change_days, ["2023-04-01"])
        (series,) = report._series("month", FIRST, LAST)
        self.assertEqual(series.seams.tolist(), [["", "", "", "new", "", ""]])
        (series,) = report._series("year", FIRST, LAST)
        self.assertEqual(series.seams.tolist(), [["mixed"]])

    def test_a_formula_changes_with_its_parts(self):
        _hours, _report = self._changed()
        for text, seam in (("max(hours, 0)", "within"), ("hours * 2", "mixed")):
            rate, report = self._formula(text, seam, coarsest_grain="year")
            self.assertEqual(rate.change_days, ["2023-04-01"])
            (series,) = report._series("year", FIRST, LAST)
            self.assertEqual(series.seams.tolist(), [[seam]])

    def test_all_history_leaves_no_seam(self):
        hours, report = self._changed()
        hours.with_context(kpi_valid_from="all").write({"domain": "[]"})
        self.assertFalse(hours.change_days)
        (series,) = report._series("month", FIRST, LAST)
        self.assertFalse((series.seams != "").any())

    def test_the_history_marks_it(self):
        _hours, report = self._changed()
        points = report.get_history(report.id, "month")["points"]
        marked = {point["start"]: point["seam"] for point in points if point["seam"]}
        self.assertEqual(marked, {"2023-04-01": CHANGED})

    def test_a_table_names_the_period_in_which_it_changes(self):
        _hours, report = self._changed()
        table = self.env["kpi.period.report"].create(
            {
                "name": "Table",
                "grain": "month",
                "range_type": "fixed",
                "date_from": FIRST,
                "date_to": LAST,
                "report_ids": [Command.set(report.ids)],
                "company_id": self.company.id,
            }
        )
        (section,) = table._matrix()["sections"]
        self.assertEqual(section["rows"][0]["note"], "Definition changed: Apr 2023")
        for kind in ("xlsx", "pdf"):
            _name, content = table._file(kind)
            self.assertTrue(content)

    def test_values_computed_otherwise_are_no_unusual_change(self):
        entered = self._hours(computation="manual", coarsest_grain="month")
        report = self._track(entered, self.company)
        rows = [
            (report.id, date(2023, month, 1), 10.0 + month) for month in range(1, 6)
        ]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")
        june = entered.calendar_id._period("month", date(2023, 6, 1))
        self.assertEqual(entered._find_change_before(june), date.min)
        entered.with_context(kpi_valid_from="2023-05-01").write(
            {"computation": "records"}
        )
        self.assertEqual(entered._find_change_before(june), date(2023, 5, 1))

    def test_revisions_tell_why(self):
        hours = self._hours()
        report = self._tracked(hours)
        _rate, of_formula = self._formula("hours * 2", coarsest_grain="year")
        deals = self.deals.search([("x_date", ">=", FIRST)], order="x_date, id")
        deals[0].x_hours += 1.0
        deals[2].unlink()
        self._compute(FIRST, LAST)
        self.env["kpi.definition"]._recompute_formulas()
        self.assertEqual(self._causes(report), [(1, "records"), (2, "removed")])
        self.assertEqual({cause for _m, cause in self._causes(of_formula)}, {"several"})
        hours.with_context(kpi_valid_from="2023-06-01").write({"domain": SMALL})
        self._compute(FIRST, LAST)
        self.env["kpi.definition"]._recompute_formulas()
        self.assertEqual(self._causes(report)[-1], (6, "definition"))
        self.assertEqual(self._causes(of_formula)[-1][1], "definition")
        (revision,) = report.get_explanation("2023-06-01")["revisions"]
        self.assertEqual(revision["cause"], "definition")
        self.assertEqual(revision["cause_text"], "Definition Changed")

    def test_a_column_nobody_read_before_recomputes_nobody_else(self):
        hours, other = self._hours(), self._hours("Other")
        self._tracked(hours)
        self._tracked(other)
        hours._change({"domain": "[('x_weight', '>=', 0)]"}, APRIL)
        with self._recomputed() as filled:
            self._compute(FIRST, LAST)
        months = [date(2023, month, 1) for month in (4, 5, 6)]
        self.assertEqual([each.start for each in filled], months)
        with self._recomputed() as filled:
            self._compute(FIRST, LAST)
        self.assertFalse(filled)
        # The column counts from now on.
        deal = self.deals.search([("x_date", ">=", FIRST)], limit=1, order="x_date")
        deal.x_weight = 5.0
        with self._recomputed() as filled:
            self._compute(FIRST, LAST)
        self.assertEqual([each.start for each in filled], [FIRST])

    def test_what_follows_is_named_as_far_as_one_may_see_it(self):
        hours, report = self._changed()
        self._formula("hours * 2", coarsest_grain="year")
        self.env["kpi.report.group"].create(
            {
                "name": "Scorecard of all",
                "company_id": self.company.id,
                "line_ids": [Command.create({"report_id": report.id})],
            }
        )
        found = {
            each["label"]: [item["name"] for item in each["items"]]
            for each in hours.get_change({"domain": "[]"}, hours.id)["used_in"]
        }
        self.assertEqual(
            found, {"Formulas": ["Rate"], "Scorecards": ["Scorecard of all"]}
        )
        nobody = new_test_user(self.env, "nobody", groups="base.group_portal")
        hidden = hours.with_user(nobody)._list_uses()
        self.assertEqual([each["items"] for each in hidden], [[], []])
        self.assertEqual([each["hidden_count"] for each in hidden], [1, 1])

    def test_judged_and_locked_values_that_change_are_counted(self):
        hours = self._hours()
        report = self._track(hours, self.company)
        self.env["kpi.target"].create(
            {"report_id": report.id, "date_from": "2023-01-01", "value": 20.0}
        )
        self._compute(FIRST, LAST)
        self.env["kpi.report"]._find_unjudged()._refresh_current()
        report.locked_until = date(2023, 4, 30)
        change = hours.get_change({"domain": SMALL}, hours.id)
        counts = {
            each["day"]: tuple(
                each[f"{what}_count"] for what in ("closed", "judged", "locked")
            )
            for each in change["choices"]
        }
        self.assertEqual(counts["2023-06-01"], (0, 0, 0))
        self.assertEqual(counts["2023-04-01"], (2, 2, 1))
        self.assertEqual(counts["all"], (5, 5, 4))

    def test_a_change_computes_its_sources_since_then_before_all_else(self):
        hours, other = self._hours(), self._hours("Other", date_field="x_closed_date")
        report = self._tracked(hours)
        self._tracked(other)
        jobs = self.env["kpi.job"]
        jobs.search([]).unlink()
        hours._change({"domain": SMALL}, date(2023, 7, 1))
        self.assertFalse(jobs.search([]), "nothing is to compute before it begins")
        hours._change({"domain": SMALL}, APRIL)
        job = jobs.search([])
        self.assertEqual((job.kind, job.date_from), ("change", APRIL))
        with self._recomputed() as filled, self.enter_registry_test_mode():
            with self.env.registry.cursor() as cr:
                job.with_env(job.env(cr=cr))._run()
        job.invalidate_recordset()
        self.assertEqual(job.state, "done")
        self.assertEqual(job._sources(), hours.source_ids)
        months = [date(2023, month, 1) for month in (4, 5, 6)]
        self.assertEqual([each.start for each in filled], months)
        self.assertEqual(self._months(report)[4], 4.0)

    def test_from_before_the_history_is_all_of_it(self):
        hours, report = self._changed()
        hours._change({"domain": "[]"}, date(2020, 1, 1))
        self.assertFalse(hours.version_ids)
        self._compute(FIRST, LAST)
        self.assertEqual(self._months(report), {m: 11.0 * m for m in HOURS})

    def test_a_part_that_changes_within_a_year_is_in_its_year_by_both_ways(self):
        self._changed()
        year = 2 * sum(m * (11.0 if m < 4 else 1.0) for m in HOURS)
        _rate, report = self._formula(
            "2 * max(hours, 0)", "Most", coarsest_grain="year"
        )
        self.assertEqual(self._months(report, "year"), {1: year})
        # What adds up is that of its months.
        _rate, report = self._formula("2 * hours", "Total", coarsest_grain="year")
        values = report._values("year", FIRST, LAST)[report]
        self.assertEqual(values, {FIRST: year})

    def test_a_definition_changed_by_sql_follows_its_versions(self):
        hours, report = self._changed()
        before = self._months(report)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kpi_definition SET domain = '[]' WHERE id = %s", (hours.id,)
        )
        self.env.invalidate_all()
        self.env["kpi.definition"]._take_over_due()
        self.assertEqual(hours.domain, SMALL)
        self._compute(FIRST, LAST)
        self.assertEqual(self._months(report), before)

    def test_one_without_versions_changed_by_sql_is_computed_anew(self):
        hours = self._hours()
        report = self._tracked(hours)
        self.env.cr.execute(
            "UPDATE kpi_definition SET domain = %s WHERE id = %s", (SMALL, hours.id)
        )
        self.env.invalidate_all()
        self._compute(FIRST, LAST)
        self.assertEqual(self._months(report), {m: 1.0 * m for m in HOURS})
        self.assertEqual({cause for _m, cause in self._causes(report)}, {"definition"})

    def test_who_may_not_read_the_records_brings_no_version_back(self):
        hours, _report = self._changed()
        officer = self._create_user("off", groups="kpi_base.kpi_base_group_officer")
        blind = hours.with_user(officer).with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertFalse(blind.env[self.deals._name].has_access("read"))
        with self.assertRaises(AccessError):
            blind._change({"domain": "[]"}, date(2023, 6, 1))
        self.assertEqual(hours.domain, SMALL)

    def test_snapshots_change_from_the_running_period_or_a_later_one(self):
        hours = self._hours(kind="snapshot", aggregation_time="last")
        self._tracked(hours)
        kinds = [
            each["kind"]
            for each in hours.get_change({"domain": SMALL}, hours.id)["choices"]
        ]
        self.assertEqual(kinds, ["running", "next"])
        with self.assertRaisesRegex(UserError, "snapshots"):
            hours._change({"domain": SMALL}, APRIL)
        hours._change({"domain": SMALL}, date(2023, 6, 1))
        self.assertEqual(hours.domain, SMALL)
