from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tests import tagged

from .benefit_api_case import BenefitApiCase


@tagged("post_install", "-at_install")
class TestDashboardApi(BenefitApiCase):
    """Dashboards of benefits, as programs read them.

    The benefit has four months that are over, this one and the next.
    """

    def setUp(self):
        super().setUp()
        this_month = fields.Date.today().replace(day=1)
        first, self.second, last = (
            this_month + relativedelta(months=offset) for offset in (-4, -3, 1)
        )
        self.due = fields.Date.today() - relativedelta(days=3)
        self.initiative = self._make(
            reference="I-1",
            approved_on=fields.Date.today(),
            gate_ids=[Command.create({"name": "Case", "planned_date": self.due})],
            cost_ids=[Command.create({"planned": 500, "forecast": 700})],
        )
        benefit = self._benefit(self.initiative, date_from=first, date_to=last)
        benefit.period_ids[0].realized = 400
        self.env["kpi.value.leakage"].create(
            {
                "name": "Old tools",
                "benefit_id": benefit.id,
                "severity": "critical",
                "estimated_impact": 70,
            }
        )
        self.env["kpi.benefit.confidence"].create(
            {"benefit_id": benefit.id, "probability": 0.6, "reason": "Tried"}
        )
        self.env.flush_all()

    def test_portfolio(self):
        answer = self.ask("/dashboard/portfolio", "pia")
        self.assertEqual(answer.status_code, 200, answer.text)
        shown = answer.json()
        self.assertEqual((shown["planned"], shown["rate"]), (6000, 0.1))
        self.assertEqual(shown["currency"]["name"], self.company.currency_id.name)
        self.assertEqual(shown["forecast_cost"], 700)
        self.assertEqual(shown["at_risk"][0]["id"], self.initiative.id)
        self.assertEqual(len(shown["months"]), 6)
        self.assertEqual(shown["months"][0]["realized"], 400)
        self.assertIsNone(shown["months"][1]["realized"])
        self.assertEqual(shown["leakages"][0]["severity"], "critical")
        self.assertEqual(shown["leakages"][0]["lost"], 70)
        (bubble,) = shown["bubbles"]
        self.assertEqual((bubble["planned"], bubble["confidence"]), (6000, 0.6))
        query = f"?program_id={self.initiative.id}&date_to={self.second}"
        shown = self.ask(f"/dashboard/portfolio{query}", "pia").json()
        self.assertEqual(shown["planned"], 2000)

    def test_the_portfolio_is_downloaded_as_a_spreadsheet(self):
        self.authenticate(self.pia.login, self.pia.login)
        answer = self.url_open("/kpi_benefits/portfolio?options={}")
        self.assertEqual(answer.status_code, 200, answer.text[:200])
        self.assertIn("spreadsheetml", answer.headers["Content-Type"])
        refused = self.url_open("/kpi_benefits/portfolio?options=[")
        self.assertEqual(refused.status_code, 400)

    def test_an_initiative_says_why_it_is_at_risk(self):
        shown = self.ask(f"/dashboard/initiative/{self.initiative.id}", "pia").json()
        portfolio = self.ask("/dashboard/portfolio", "pia").json()
        self.assertEqual(shown["reasons"], portfolio["at_risk"][0]["reasons"])
        self.assertEqual(len(shown["reasons"]), 3)
        self.assertEqual(shown["leakages"], portfolio["leakages"])
        self.assertEqual(shown["benefits"][0]["confidence"], 0.6)
        self.initiative.approved_on = False
        shown = self.ask(f"/dashboard/initiative/{self.initiative.id}", "pia").json()
        self.assertEqual(shown["reasons"], [])

    def test_portfolio_of_who_sees_nothing(self):
        shown = self.ask("/dashboard/portfolio", "zoe").json()
        self.assertEqual((shown["initiative_count"], shown["months"]), (0, []))
        self.assertEqual((shown["leakages"][0]["count"], shown["bubbles"]), (0, []))
        path = f"/dashboard/portfolio?program_id={self.initiative.id}"
        self.assertProblem(self.ask(path, "zoe"), "not-found")

    def test_initiative(self):
        answer = self.ask(f"/dashboard/initiative/{self.initiative.id}", "sue")
        self.assertEqual(answer.status_code, 200, answer.text)
        shown = answer.json()
        self.assertEqual((shown["planned_to_date"], shown["rate"]), (4000, 0.1))
        (gate,) = shown["gates"]
        self.assertEqual((gate["due_date"], gate["is_late"]), (str(self.due), True))
        (cost,) = shown["costs"]
        self.assertEqual(cost["start"], None)
        self.assertEqual((cost["planned"], cost["actual"]), (500, None))
        (benefit,) = shown["benefits"]
        self.assertEqual((benefit["realized"], benefit["rate"]), (400, 0.1))
        to_date = (benefit["realized_to_date"], benefit["planned_to_date"])
        self.assertEqual(to_date, (400, 4000))

    def test_what_came_early_is_not_realized_to_date(self):
        benefit = self.initiative.benefit_ids
        benefit.period_ids[-2].realized = 1000  # this month, which is not over
        self.initiative.parent_id = self._make(name="Digital")
        self.env.flush_all()
        path = f"/dashboard/initiative/{self.initiative.parent_id.id}"
        shown = self.ask(path, "olga").json()
        for (one,) in (shown["benefits"], shown["initiatives"]):
            self.assertEqual((one["realized"], one["realized_to_date"]), (1400, 400))
            self.assertEqual((one["planned_to_date"], one["rate"]), (4000, 0.1))

    def test_a_programme_is_what_is_below_it(self):
        self.initiative.parent_id = self._make(name="Digital")
        top = self.initiative.parent_id.id
        self.env.flush_all()
        shown = self.ask(f"/dashboard/initiative/{top}", "olga").json()
        self.assertEqual((shown["planned_to_date"], shown["rate"]), (4000, 0.1))
        self.assertEqual((shown["rate_status"], shown["rate_limit"]), ("at_risk", 0.8))
        self.assertEqual(shown["forecast_cost"], 700)
        self.assertIs(shown["is_partial"], False)
        (below,) = shown["initiatives"]
        self.assertEqual((below["id"], below["rate"]), (self.initiative.id, 0.1))
        path = f"/realizations/initiative/{top}"
        total = self.ask(f"{path}/summary", "olga").json()["total"]
        self.assertEqual((total["count"], total["realization_rate"]), (1, 0.1))
        (found,) = self.ask(path, "olga").json()["items"]
        self.assertEqual(found["initiative"]["id"], self.initiative.id)
        self.assertEqual(shown["planned"], 6000)

    def test_another_ones_is_not_there(self):
        far = self._make_far()
        for initiative, who in ((self.initiative, "zoe"), (far, "pia")):
            path = f"/dashboard/initiative/{initiative.id}"
            self.assertProblem(self.ask(path, who), "not-found")

    def test_a_key_without_the_scope_is_refused(self):
        key = self._key("pia", scopes=["benefits.write"])
        answer = self.ask("/dashboard/portfolio", key=key)
        self.assertProblem(answer, "insufficient-scope")
