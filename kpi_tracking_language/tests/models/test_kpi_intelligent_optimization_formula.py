from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.kpi_tracking_analytics.tests.models.analysis_case import (
    NOW,
    AnalysisCase,
    months,
)

LATER = "2026-04-11 12:00:00"  # March 2026 is over


@tagged("post_install", "-at_install")
class TestKpiIntelligentOptimizationFormula(AnalysisCase):
    """Formulas of two KPIs that people enter; of one, January 2026 is 0."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.advices = cls.env["kpi.intelligent.optimization"]
        lost = [float(20 + at % 3) for at in range(38)]
        lost[36] = 0.0
        codes = {"code": "fa_won"}, {"code": "fa_lost"}
        won = [float(10 + at % 4) for at in range(38)]
        cls.won = cls._entered("Fa Won", months(won), **codes[0])
        cls.lost = cls._entered("Fa Lost", months(lost), **codes[1])

    def _formula(self, name, text, **values):
        definition = self.env["kpi.definition"].create(
            {
                "name": name,
                "code": name.lower().replace(" ", "_"),
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
                "history_start": date(2023, 1, 1),
                "computation": "formula",
                "formula": text,
                **values,
            }
        )
        report = definition._track_for("company", self.company)
        self._compute()
        return report

    def _compute(self, now=NOW):
        with self._at(now):
            self.env["kpi.definition"]._recompute_formulas()

    def _check(self, report, user=None):
        self.env.invalidate_all()
        with self._at(NOW):
            advices = self._as(user or self.officer, self.advices)
            return advices.optimize_formula(report.id)

    def _take(self, found, user=None):
        advice = self.advices.browse(found["advice_id"])
        with self._at(NOW):
            return self._as(user or self.officer, advice).action_take()

    def _texts(self, found, kind):
        return [each["text"] for each in found["findings"] if each["kind"] == kind]

    def test_a_shorter_formula_is_shown_with_proof_used_and_scored(self):
        report = self._formula("Fa Share", "100 * (fa_won + 0) / (fa_won + fa_lost)")
        found = self._check(report)
        shorter = "100 * fa_won / (fa_won + fa_lost)"
        self.assertEqual(found["rewrite"], shorter)
        advice = self.advices.browse(found["advice_id"])
        # 38 months, and the running one without values
        proof = "in all 38 values since Jan 2023, and no value in the same 1."
        self.assertIn(proof, advice.back_test)
        self.assertEqual(advice.user_id, self.officer)
        self.assertEqual(self._check(report)["advice_id"], advice.id, "said once")
        self._take(found)
        definition = report.definition_id
        self.assertEqual(definition.formula, shorter)
        version = definition.version_ids.sorted("valid_from")[-1]
        self.assertEqual(str(version.valid_from), "2026-03-01")
        self.assertIn("Formula shortened", version.reason)
        self.assertEqual(advice.taken_by_id, self.officer)
        self._fill(self.won, {"2026-03": 10.0})
        self._fill(self.lost, {"2026-03": 10.0})
        self._compute(LATER)
        self._analyse(report, now=LATER)
        self.assertTrue(advice.is_reached)
        self.assertIn("still gave the same in Mar 2026", advice.result)

    def test_what_differs_in_one_period_is_not_offered(self):
        # Without a value in January 2026, where it divides by 0; “fa_won” has one.
        report = self._formula("Fa Same", "fa_won * fa_lost / fa_lost")
        found = self._check(report)
        self.assertIsNone(found["rewrite"])
        (text,) = self._texts(found, "division")
        self.assertEqual(
            text,
            "“Fa Lost” is 0 in 1 of 39 values, which are missing; last in Jan 2026.",
        )
        with self.assertRaisesRegex(UserError, "Only target advice"):
            self._take(found)
        self._fill(self.lost, {"2026-01": 5.0})
        self.assertEqual(self._check(report)["rewrite"], "fa_won")

    def test_values_of_others_count_for_the_proof(self):
        report = self._formula("Fa Chosen", "coalesce(fa_won, fa_won) + 0")
        definition = report.definition_id
        self.assertEqual(self._check(report)["rewrite"], "fa_won")
        definition.formula = "fa_won * fa_lost / fa_lost"
        self._fill(self.lost, {"2026-01": 5.0})
        for kpi, value in ((self.won, 8.0), (self.lost, 0.0)):
            of_sales = kpi.definition_id._track_for("department", self.sales)
            self._fill(of_sales, {"2026-01": value})
        definition._track_for("department", self.sales)
        found = self._check(report)
        self.assertIsNone(found["rewrite"], "it divides by 0 in a department")

    def test_an_average_of_ratios_is_said_with_what_it_hides(self):
        text = "avg(fa_won / fa_lost, 1 / fa_won)"
        report = self._formula("Fa Mean", text, decimals=4)
        found = self._check(report)
        (said,) = self._texts(found, "ratio")
        # February 2026: 11 / 21 and 1 / 11; 12 / 32 and their mean
        self.assertIn("0.3750 rather than 0.3074 in Feb 2026", said)
        self.assertIn("(“Fa Won” + 1) / (“Fa Lost” + “Fa Won”)", said)
        self.assertIsNone(found["rewrite"])

    def test_units_that_do_not_fit_are_said(self):
        text = "fa_won / (fa_won + fa_lost)"
        found = self._check(self._formula("Fa Rate", text, unit="percent"))
        self.assertIn("Multiply by 100", self._texts(found, "unit")[0])

    def test_a_dear_source_is_said_and_done_without_where_it_was_never_needed(self):
        contacts = self.env["kpi.definition"].create(
            {
                "name": "Fa Contacts",
                "code": "fa_contacts",
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
                "computation": "records",
                "model_name": "res.partner",
                "date_field": "create_date",
                "history_start": date(2023, 1, 1),
            }
        )
        of_company = contacts._track_for("company", self.company)
        self._fill(of_company, {"2026-02": 3.0, "2026-03": 4.0})
        first = date(2023, 1, 1)
        jobs = self.env["kpi.job"]
        job = jobs._enqueue_computation("All", "recompute", contacts, first, first)
        job.started_at = "2026-03-01 12:00:00"
        name = contacts.source_ids.with_context(lang=None).name
        self.env["kpi.job.line"].create(
            {"job_id": job.id, "name": name, "duration_seconds": 40}
        )
        report = self._formula("Fa Dear", "coalesce(fa_won, fa_contacts)")
        found = self._check(report)
        (said,) = self._texts(found, "dear")
        self.assertIn("“Fa Contacts” is computed from", said)
        self.assertIn(": 40 s.", said)
        self.assertIsNone(found["rewrite"], "it is what March has a value of")
        self._fill(self.won, {"2026-03": 9.0})
        self.assertEqual(self._check(report)["rewrite"], "fa_won")

    def test_a_sound_formula_is_left_alone(self):
        report = self._formula("Fa Sum", "fa_won + fa_lost")
        found = self._check(report)
        self.assertEqual((found["findings"], found["advice_id"]), ([], None))
        self.assertIn("nothing to improve", found["sentences"][0])
        with self._at(NOW):
            action = self._as(self.officer, report).action_advise_formula()
        self.assertIn("nothing to improve", action["params"]["message"])
        with self.assertRaisesRegex(UserError, "has no formula"):
            self._check(self.won)

    def test_where_formulas_are_approved_it_is_proposed(self):
        report = self._formula("Fa Guarded", "fa_won + 0")
        approver = Command.create({"whom": "user", "user_id": self.manager.id})
        self.env["kpi.approval.workflow"].create(
            {
                "name": "Formulas",
                "model": "kpi.approval.change",
                "workflow_type": "formula_modification",
                "owner_id": self.manager.id,
                "level_ids": [Command.create({"approver_ids": [approver]})],
            }
        )
        self._take(self._check(report))
        change = self.env["kpi.approval.change"].search([], order="id desc", limit=1)
        self.assertEqual(change.approval_state, "pending")
        self.assertIn("Formula shortened", change.reason)
        self.assertEqual(report.definition_id.formula, "fa_won + 0")

    def test_only_who_may_change_the_formula_is_told_and_uses_it(self):
        report = self._formula("Fa Twice", "fa_won + 0")
        for user in (self.user, self.manager):
            with self.assertRaises(AccessError):
                self._check(report, user)
        found = self._check(report)
        with self.assertRaises(AccessError):
            self._take(found, self.manager)

    def test_a_formula_that_was_changed_meanwhile_is_not_overwritten(self):
        report = self._formula("Fa Later", "fa_won + 0")
        found = self._check(report)
        report.definition_id.with_context(kpi_valid_from="all").formula = "fa_won + 1"
        with self.assertRaisesRegex(UserError, "values changed"):
            self._take(found)
        self.assertEqual(report.definition_id.formula, "fa_won + 1")
