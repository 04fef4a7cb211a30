from ast import literal_eval
from datetime import date
from io import BytesIO

import openpyxl

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .benefit_case import BenefitCase

MODEL = "kpi.benefit.portfolio"


@freeze_time("2026-05-15 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiBenefitPortfolio(BenefitCase):
    """The dashboard of benefits, against sums made by hand."""

    def setUp(self):
        super().setUp()
        self.program = self._make(name="Programme", department_id=False)
        self.first = self._make(name="First", parent_id=self.program.id)
        self.second = self._make(name="Second", sponsor_id=False)
        self.good = self._benefit(self.first)  # 1,000 from January to June
        self.bad = self._benefit(self.second, amount=500)
        self._realize(self.good, 1000, 1100, 900, 1200)
        self._realize(self.bad, 100, 100)

    def _make(self, **values):
        return super()._make(**{"approved_on": "2026-01-01", **values})

    def _realize(self, benefit, *amounts):
        for period, amount in zip(benefit.period_ids, amounts, strict=False):
            period.realized = amount

    def _get(self, user=None, **options):
        model = self._as(user or self.pia, self.env[MODEL])
        return model.get_portfolio(options)

    def _open(self, kind, value="", user=None, **options):
        """Records of the list behind a figure, as the user finds them."""
        user = user or self.pia
        action = self._as(user, self.env[MODEL]).open_records(options, kind, value)
        records = self._as(user, self.env[action["res_model"]])
        domain = action["domain"]
        return records.search(
            literal_eval(domain) if isinstance(domain, str) else domain
        )

    def test_totals_and_months(self):
        shown = self._get()
        self.assertEqual(shown["initiative_count"], 3)
        self.assertEqual(shown["benefit_count"], 2)
        self.assertEqual(shown["planned"], 9000)
        self.assertEqual(shown["realized"], 4400)
        self.assertEqual(shown["planned_to_date"], 6000)
        self.assertEqual(shown["realized_to_date"], 4400)
        self.assertAlmostEqual(shown["rate"], 4400 / 6000, 12)
        self.assertEqual(
            [tuple(month.values()) for month in shown["months"][:6:3]],
            [("2026-01-01", 1500, 1100), ("2026-04-01", 1500, 1200)],
        )
        self.assertIsNone(shown["months"][5]["realized"])
        self.assertEqual(shown["unpriced_count"], 0)

    def test_what_nobody_approved_is_no_plan_yet(self):
        before = self._get()
        proposal = self._make(name="Dream", approved_on=False)
        proposal.cost_ids = [Command.create({"planned": 10.0, "forecast": 12.0})]
        benefit = self._benefit(proposal, amount=1e9)
        shown = self._get()
        self.assertEqual(shown.pop("initiative_count"), 4)
        self.assertEqual(before.pop("initiative_count"), 3)
        statuses = {one["status"]: one["count"] for one in shown.pop("statuses")}
        self.assertEqual(statuses["proposed"], 4)
        before.pop("statuses")
        self.assertIsNone(before["proposed_cost"])
        self.assertEqual(shown, {**before, "proposed_cost": 12}, "told apart")
        self.assertNotIn(benefit, self._open("benefits"))
        self.assertFalse(self._open("months") & benefit.period_ids)
        proposal.approved_on = "2026-05-01"
        shown = self._get()
        self.assertGreater(shown["planned"], 1e9)
        names = ("planned_cost", "forecast_cost", "proposed_cost")
        self.assertEqual([shown[name] for name in names], [10, 12, None])
        proposal.write({"approved_on": False, "status": "closed"})
        self.assertIsNone(self._get()["proposed_cost"], "given up")

    def test_costs_are_compared_where_plan_and_forecast_are_known(self):
        for costs in ({"planned": 100, "forecast": 130}, {"forecast": 9000}):
            self._make(name="Pumps").cost_ids = [Command.create(costs)]
        shown = self._get()
        self.assertEqual((shown["planned_cost"], shown["forecast_cost"]), (100, 9130))
        names = ("compared_cost_count", "compared_planned_cost", "cost_change")
        self.assertEqual([shown[name] for name in names], [1, 100, 30])

    def test_best_and_at_risk(self):
        shown = self._get()
        (best, last) = shown["top"]
        self.assertEqual((best["name"], best["rate"]), ("First", 1.05))
        self.assertEqual(last["rate"], 0.1)
        (risk,) = shown["at_risk"]
        self.assertEqual(risk["name"], "Second")
        self.assertEqual(
            risk["reasons"],
            [
                "Only 10% of the plan realized to date.",
                "No value for the last 2 months.",
            ],
        )
        self.bad.action_confirm_status()
        (risk,) = self._get()["at_risk"]
        self.assertEqual(risk["reasons"][-1], "A benefit is at risk.")
        self.assertEqual(self._open("at_risk"), self.second)

    def test_who_books_once_a_quarter_is_not_silent_in_between(self):
        benefit = self._benefit(
            self.second, date_from="2025-07-01", date_to="2026-12-01"
        )
        self.bad.active = False
        for place in (2, 5, 8):
            benefit.period_ids[place].realized = 4000
        self.assertEqual(self._get()["at_risk_count"], 0)
        self.assertEqual(self.second.get_dashboard()["reasons"], [])
        benefit.period_ids[5:9].realized = False
        benefit.period_ids[0].realized = 9000
        reason = "No value for the last 7 months."
        self.assertEqual(self._get()["at_risk"][0]["reasons"], [reason])
        self.assertEqual(self.second.get_dashboard()["reasons"], [reason])
        self._realize(self.good, 1000, 1000, 1000, 1000)
        self.assertEqual(self.program.get_dashboard()["reasons"], [])

    def test_a_closed_initiative_is_not_at_risk(self):
        self.second.action_close()
        self.assertEqual(self._get()["at_risk_count"], 0)

    def test_filters(self):
        shown = self._get(program_id=self.program.id)
        self.assertEqual(shown["planned"], 6000)
        self.assertEqual(shown["initiative_count"], 2)
        shown = self._get(department_id=self.department.id)
        self.assertEqual(shown["initiative_count"], 2)
        shown = self._get(date_from="2026-04-30", date_to="2026-05-01")
        self.assertEqual(shown["planned"], 3000)
        self.assertEqual(shown["planned_to_date"], 1500)
        self.assertEqual(shown["realized"], 1200)

    def test_options_without_sense_are_refused(self):
        for options in (
            {"program_id": "x"},
            {"date_from": "soon"},
            {"date_from": "2026-W01-1"},
            {"x": 1},
        ):
            with self.subTest(options=options), self.assertRaises(UserError):
                self._get(**options)
        for kind, value in (("x", ""), ("initiatives", "x"), ("benefits", "x")):
            with self.subTest(kind=kind), self.assertRaises(UserError):
                self._open(kind, value)

    def test_lists_have_as_many_records_as_the_dashboard_says(self):
        self.second.action_approve()
        shown = self._get()
        for kind, name in (
            ("initiatives", "statuses"),
            ("benefits", "benefit_statuses"),
        ):
            for one in shown[name]:
                with self.subTest(kind=kind, status=one["status"]):
                    found = self._open(kind, one["status"])
                    self.assertEqual(len(found), one["count"])
        months = self._open("months", date_from="2026-02-01", date_to="2026-02-01")
        self.assertEqual(sum(months.mapped("planned")), 1500)
        mine = self._open("benefits", program_id=self.program.id)
        self.assertEqual(mine, self.good)

    def test_archived_ones_do_not_count(self):
        self.bad.active = False
        shown = self._get()
        self.assertEqual((shown["planned"], shown["benefit_count"]), (6000, 1))
        self.first.active = False
        shown = self._get()
        self.assertEqual((shown["planned"], shown["initiative_count"]), (0, 2))

    def test_a_part_of_the_benefits_counts_as_a_part(self):
        """Max sees one benefit of an initiative that he does not see otherwise."""
        hidden = self._make(name="Hidden", department_id=False)
        self._benefit(hidden, amount=7)
        self._benefit(hidden, amount=20, owner_id=self.zoe.id)
        shown = self._get(self.zoe)
        self.assertEqual(shown["planned"], 120)
        self.assertEqual(shown["initiative_count"], 0)
        self.assertFalse(shown["top"] or shown["at_risk"])
        self.assertEqual(len(self._open("benefits", user=self.zoe)), 1)
        self.assertEqual(self._get()["planned"], 9000 + 27 * 6)

    def test_who_sees_nothing_gets_nothing(self):
        shown = self._get(self.zoe)
        self.assertFalse(shown["initiative_count"] or shown["benefit_count"])
        self.assertEqual(shown["months"], [])
        self.assertIsNone(shown["rate"])
        self.assertIsNone(shown["forecast_cost"])

    def test_other_companies_count_nowhere(self):
        far = self._make_far(cost_ids=[Command.create({"forecast": 70})])
        self._benefit(far, amount=5000)
        shown = self._get()
        self.assertEqual((shown["planned"], shown["initiative_count"]), (9000, 3))
        self.assertIsNone(shown["forecast_cost"])
        with self.assertRaises(UserError):
            self._get(program_id=-1)

    def _leak(self, benefit, severity, impact, **values):
        return self.env["kpi.value.leakage"].create(
            {
                "name": severity,
                "benefit_id": benefit.id,
                "severity": severity,
                "estimated_impact": impact,
                **values,
            }
        )

    def test_open_leakages_by_severity(self):
        critical = self._leak(self.good, "critical", 700, recovered_amount=100)
        lows = self._leak(self.good, "low", 20) + self._leak(self.bad, "low", 30)
        self._leak(self.bad, "high", 9, acceptance_reason="Too small").action_accept()
        self._leak(self._benefit(self._make_far()), "high", 8)
        shown = self._get()
        self.assertEqual(
            [(one["severity"], one["count"], one["lost"]) for one in shown["leakages"]],
            [("critical", 1, 600), ("high", 0, 0), ("medium", 0, 0), ("low", 2, 50)],
        )
        reasons = {one["name"]: one["reasons"] for one in shown["at_risk"]}
        self.assertEqual(reasons["First"], ["A critical leakage is open."])
        self.assertEqual(self._open("leakages", "low"), lows)
        self.assertEqual(self._open("leakages"), lows + critical)
        self.assertEqual(self._open("at_risk"), self.first + self.second)
        self.assertEqual(
            self._get(program_id=self.program.id)["leakages"][3]["count"], 1
        )
        with self.assertRaises(UserError):
            self._open("leakages", "x")
        hidden = self._get(self.zoe)
        self.assertFalse(sum(one["count"] for one in hidden["leakages"]))
        self.bad.owner_id = self.zoe
        own = self._get(self.zoe)
        self.assertEqual(own["leakages"][3]["count"], 1, "of her benefit")
        self.assertFalse(own["at_risk"])

    def test_what_leaks_of_an_initiative_without_benefits(self):
        bare = self._make(name="Bare")
        about = {"benefit_id": False, "initiative_id": bare.id}
        for _number in range(2):
            self._leak(self.good, "critical", 5, kind="cost_overrun", **about)
        risks = {one["id"]: one["reasons"] for one in self._get()["at_risk"]}
        self.assertEqual(risks[bare.id], ["2 critical leakages are open."])
        bare.action_close()
        self.assertNotIn(bare, self._open("at_risk"))

    def test_confidence_in_the_largest_benefits(self):
        for benefit, day, probability in (
            (self.good, "2026-05-01", 0.7),
            (self.good, "2026-02-01", 0.2),
            (self.bad, "2026-05-02", 0.4),
        ):
            self.env["kpi.benefit.confidence"].create(
                {
                    "benefit_id": benefit.id,
                    "date": day,
                    "probability": probability,
                    "reason": "Tried",
                }
            )
        large, small = self._get()["bubbles"]
        self.assertEqual(
            large,
            {
                "id": self.good.id,
                "name": "Less work",
                "start": "2026-01-01",
                "planned": 6000,
                "confidence": 0.7,
                "scored_on": "2026-05-01",
            },
        )
        self.assertEqual((small["id"], small["planned"]), (self.bad.id, 3000))
        self.assertFalse(self._get(self.zoe)["bubbles"])
        self.bad.active = False
        self.assertEqual(len(self._get()["bubbles"]), 1)

    def test_a_disbenefit_nobody_reports_makes_nothing_better(self):
        """Of 1,000 − 500 a month 800 come; what else costs nobody says."""
        mixed = self._make(name="Mixed", parent_id=self.program.id)
        self._realize(self._benefit(mixed), 800, 800, 800, 800)
        worse = self._benefit(mixed, amount=-500)
        for name in ("not reported", "reported", "some are archived"):
            with self.subTest(name):
                self.assertEqual(mixed.realization_rate, 0.6)
                self.assertEqual(mixed.shortfall, 800)
                shown = self._get()
                (row,) = [one for one in shown["at_risk"] if one["id"] == mixed.id]
                self.assertEqual((row["planned"], row["realized"]), (2000, 1200))
                self.assertAlmostEqual(shown["rate"], (4400 + 1200) / 8000, 12)
                own = self._as(self.olga, mixed).get_dashboard()
                self.assertEqual((own["rate"], own["realized_to_date"]), (0.6, 1200))
                explained = self._as(self.olga, mixed)._explain_variance()
                self.assertEqual(explained["realized"], 1200)
                self.assertEqual(mixed._forecast()["realized"], 1200)
            if name == "not reported":
                self.assertEqual(worse.shortfall, 0)
                self._realize(worse, -500, -500, -500, -500)
            else:
                self._benefit(mixed, amount=7).active = False

    def test_currencies(self):
        """Two US dollars are a euro from March on; before, nobody knows."""
        dollar = self.env.ref("base.USD")
        euro = self.env.ref("base.EUR")
        (dollar | euro).active = True
        self.company.currency_id = euro
        far = self._make_far(cost_ids=[Command.create({"forecast": 70})])
        far.company_id.currency_id = dollar
        self.pia.company_ids = [Command.link(far.company_id.id)]
        self._benefit(far, amount=100)
        self.env["res.currency.rate"].search([]).unlink()
        self.env["res.currency.rate"].create(
            {
                "currency_id": dollar.id,
                "company_id": self.company.id,
                "name": "2026-03-01",
                "rate": 2.0,
            }
        )
        self.env["kpi.currency.rate"]._refresh(force=True)
        model = self.env[MODEL].with_user(self.pia)
        companies = (self.company | far.company_id).ids
        shown = model.with_context(allowed_company_ids=companies).get_portfolio({})
        self.assertEqual(shown["unpriced_count"], 1)
        self.assertEqual(shown["planned"], 9000 + 4 * 50)
        self.assertEqual(shown["forecast_cost"], 35)
        self.assertEqual(shown["currency_id"], euro.id)

    def test_as_many_statements_however_many_initiatives(self):
        counts = [self._count_statements()]
        for number in range(5):
            initiative = self._make(name=f"More {number}")
            for amount in (10, 20, 30):
                self._benefit(initiative, amount=amount)
        counts.append(self._count_statements())
        self.assertEqual(*counts)
        self.assertLessEqual(counts[0], 12)

    def _count_statements(self, user=None):
        """Statements of a second request; the first one looks up groups and rules."""
        model = self._as(user or self.pia, self.env[MODEL])
        for _request in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            # Each request knows them by then.
            model.env.user.partner_id.mapped("lang")
            model.env.company.mapped("name")
            before = self.env.cr.sql_log_count
            model.get_portfolio({})
        return self.env.cr.sql_log_count - before

    def test_statements_of_a_manager_and_an_employee(self):
        for user in (self.max, self.olga, self.zoe):
            with self.subTest(user=user.name):
                self.assertLessEqual(self._count_statements(user), 13)

    def test_the_file_has_a_row_per_initiative(self):
        content = self._as(self.pia, self.env[MODEL])._write_xlsx({})
        rows = [*openpyxl.load_workbook(BytesIO(content)).active.values]
        self.assertEqual(len(rows), 4)
        (row,) = [row for row in rows if row[1] == "Second"]
        self.assertEqual(row[6:11], (3000, 200, 2000, 200, 0.1))
        self.assertIn("Only 10", row[11])


@tagged("post_install", "-at_install")
class TestKpiInitiativeMonth(BenefitCase):
    """Stored sums follow the months, however these change."""

    def _assert_in_line(self):
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT initiative_id, period_start, sum(planned), sum(realized),
                   coalesce(sum(planned) FILTER (
                       WHERE planned < 0 AND realized IS NULL), 0),
                   count(realized), count(*)
              FROM kpi_benefit_period
          GROUP BY initiative_id, period_start
          ORDER BY initiative_id, period_start
            """
        )
        months = self.env.cr.fetchall()
        self.env.cr.execute(
            """
            SELECT initiative_id, period_start, planned,
                   CASE WHEN reported_count > 0 THEN realized END, unreported,
                   reported_count, period_count
              FROM kpi_initiative_month
             WHERE period_count > 0
          ORDER BY initiative_id, period_start
            """
        )
        self.assertEqual(self.env.cr.fetchall(), months)
        return months

    def test_sums_follow(self):
        one, other = self._make(name="One"), self._make(name="Other")
        benefit = self._benefit(one)
        worse = self._benefit(one, amount=-50, date_from="2026-03-01")
        self.assertTrue(self._assert_in_line())
        worse.period_ids[1].realized = -40
        self._assert_in_line()
        worse.amount = -60
        worse.period_ids[1].realized = False
        self._assert_in_line()
        benefit.period_ids[0].realized = 70.25
        benefit.period_ids[1].realized = 0
        self._assert_in_line()
        benefit.period_ids[0].realized = False
        benefit.period_ids[1].realized = 12
        self._assert_in_line()
        benefit.write({"date_from": "2026-02-01", "amount": 1200})
        self._assert_in_line()
        benefit.initiative_id = other
        self._assert_in_line()
        benefit.period_ids.realized = False
        benefit.unlink()
        self._assert_in_line()
        one.unlink()
        self._assert_in_line()

    def test_all_sums_can_be_made_anew(self):
        benefit = self._benefit()
        benefit.period_ids[0].realized = 5
        self.env.flush_all()
        sums = self.env["kpi.initiative.month"]
        found = sums.search([("initiative_id", "=", benefit.initiative_id.id)])
        self.env.cr.execute("UPDATE kpi_initiative_month SET planned = 1")
        sums._rebuild()
        self._assert_in_line()
        self.assertEqual(len(found), 6)
        self.assertEqual(found.exists(), sums)

    def test_only_administrators_read_the_sums(self):
        month = date(2026, 1, 1)
        self._benefit()
        sums = self.env["kpi.initiative.month"]
        self.assertTrue(sums.search([("period_start", "=", month)], limit=1))
        self.assertFalse(sums.with_user(self.pia).has_access("read"))
