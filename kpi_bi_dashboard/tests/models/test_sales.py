"""Changes of opportunities, and the analyses of the pipeline on them."""

import json

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged

from odoo.addons.kpi_base.tests.common import ClockMixin

from ...analytics.data_models.customer_models import kept_and_churned
from ...models.page import Page
from .purchase_case import PurchaseCase


class SalesCase(ClockMixin, TransactionCase):
    """Leads of a company of its own, with three stages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Sales"})
        cls.env.user.company_ids += cls.company
        cls.env = cls.env(context={"allowed_company_ids": cls.company.ids})
        cls.events = cls.env["kpi.bi.opportunity.event"].sudo()
        cls.new, cls.offer, cls.won = cls.env["crm.stage"].create(
            [
                {"name": "New", "sequence": 1001},
                {"name": "Offer", "sequence": 1002},
                {"name": "Won", "sequence": 1003, "is_won": True},
            ]
        )
        cls.team = cls.env["crm.team"].create(
            {"name": "Team", "company_id": cls.company.id}
        )

    def _lead(self, amount=100.0, **values):
        return self.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "company_id": self.company.id,
                "team_id": self.team.id,
                "user_id": False,
                "stage_id": self.new.id,
                "expected_revenue": amount,
                "probability": 40,
                **values,
            }
        )

    def _commit(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def _history(self, lead, *names):
        """What is known of a lead, oldest first."""
        self._commit()
        found = self.events.search([("lead_key", "=", lead.id)], order="id")
        return [
            tuple(event[name] for name in names or ("state", "amount"))
            for event in found
        ]


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 12:00:00")
class TestKpiBiOpportunityEvent(SalesCase):
    def test_a_transaction_leaves_an_event_of_what_changed(self):
        lead = self._lead()
        self.assertEqual(self._history(lead), [("open", 100)])
        lead.write({"expected_revenue": 150, "stage_id": self.offer.id})
        lead.date_deadline = "2026-04-01"
        self.assertEqual(
            self._history(lead, "amount", "stage_key", "date_deadline")[1:],
            [(150, self.offer.id, lead.date_deadline)],
        )
        # nothing that an event says
        lead.name = "Other"
        lead.expected_revenue = 150
        # less than a point
        lead.probability = 40.4
        self.assertEqual(len(self._history(lead)), 2)
        lead.probability = 42
        self.assertEqual(len(self._history(lead)), 3)

    def test_what_is_computed_is_an_event_too(self):
        lead = self._lead()
        lead.stage_id = self.won
        self.assertEqual(self._history(lead, "state")[-1:], [("won",)])
        lead.stage_id = self.new
        self._commit()
        # winning by a change of the stage, which writes no lead of its own accord
        self.new.is_won = True
        self.assertEqual(self._history(lead, "state")[-1:], [("won",)])

    def test_archived_is_lost_and_can_be_reopened(self):
        lead = self._lead()
        self._commit()
        lead.action_set_lost()
        self._commit()
        lead.action_unarchive()
        self.assertEqual(
            self._history(lead, "state"), [("open",), ("lost",), ("open",)]
        )
        self.assertFalse(self._history(lead, "closed_at")[-1][0])

    def test_merged_and_deleted_leads_keep_what_happened(self):
        first, second = self._lead(), self._lead(70)
        self._commit()
        merged = (first | second).merge_opportunity()
        gone = first | second - merged if merged != first else second
        key = gone.id
        self._commit()
        last = self.events.search([("lead_key", "=", key)], limit=1)
        self.assertEqual(last.state, "removed")
        self.events._record_all()
        again = self.events.search([("lead_key", "=", key)], limit=1)
        self.assertEqual(again, last)

    def test_a_lead_that_changes_company(self):
        lead = self._lead()
        self._commit()
        other = self.env["res.company"].create({"name": "Other"})
        lead.write({"team_id": False, "company_id": other.id})
        self.assertEqual(self._history(lead, "company_id"), [(self.company,), (other,)])

    def test_changes_by_sql_are_caught_up_with(self):
        lead = self._lead()
        self._commit()
        self.env.cr.execute(
            "UPDATE crm_lead SET expected_revenue = 7 WHERE id = %s", [lead.id]
        )
        self.assertEqual(len(self._history(lead)), 1)
        self.events._record_all()
        self.assertEqual(self._history(lead)[1:], [("open", 7)])

    def test_what_was_before_the_addon_is_partly_known(self):
        lead = self._lead(user_id=self.env.uid)
        self._commit()
        self.env.cr.execute("ALTER TABLE kpi_bi_opportunity_event DISABLE TRIGGER USER")
        self.env.cr.execute("TRUNCATE kpi_bi_opportunity_event")
        messages = self.env["mail.message"].sudo()
        for name, day, kind, old, new in (
            ("stage_id", "2026-03-02", "integer", self.new.id, self.offer.id),
            ("expected_revenue", "2026-03-05", "float", 80.0, 100.0),
        ):
            messages.create(
                {
                    "model": "crm.lead",
                    "res_id": lead.id,
                    "date": f"{day} 10:00:00",
                    "tracking_value_ids": [
                        (
                            0,
                            0,
                            {
                                "field_id": self.env["ir.model.fields"]
                                ._get("crm.lead", name)
                                .id,
                                f"old_value_{kind}": old,
                                f"new_value_{kind}": new,
                            },
                        )
                    ],
                }
            )
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE crm_lead
               SET create_date = '2026-03-01', stage_id = %s, won_status = 'lost',
                   active = FALSE, probability = 0, date_closed = '2026-03-08'
             WHERE id = %s
            """,
            [self.offer.id, lead.id],
        )
        self.env.invalidate_all()
        self.events._record_all()
        self.events._record_all()
        names = ("state", "stage_key", "amount", "is_partly_known")
        self.assertEqual(
            self._history(lead, *names),
            [
                ("open", self.new.id, 80, True),
                ("open", self.offer.id, 80, True),
                ("open", self.offer.id, 100, True),
                ("lost", self.offer.id, 100, True),
            ],
        )
        self.assertEqual(
            [str(moment)[:10] for (moment,) in self._history(lead, "moment")],
            ["2026-03-01", "2026-03-02", "2026-03-05", "2026-03-08"],
        )


@tagged("post_install", "-at_install")
class TestKpiBiSales(SalesCase):
    """Figures and pages of the pipeline; the clock goes on from day to day."""

    def _run(self, name):
        self._commit()
        analyses = self.env["kpi.bi.analysis"]
        getattr(analyses.sudo(), f"_analyse_{name}")(self.company)
        page = analyses.get_page(name)
        json.dumps(page)
        return analyses.env["kpi.bi.result"]._find_latest(self.company, name), page

    def _rows(self, page, title):
        return next(one for one in page["sections"] if one["title"] == title)["rows"]

    def test_the_pipeline_is_told_with_what_is_open_won_and_late(self):
        self.team.invoiced_target = 1000
        with self._at("2026-01-05"):
            deals = [self._lead(amount, probability=50) for amount in (100, 200, 300)]
            self._commit()
        with self._at("2026-01-15"):
            deals[0].stage_id = self.offer
            deals[1].action_set_lost()
            deals[2].date_deadline = "2026-02-01"
            self._commit()
        with self._at("2026-02-04"):
            deals[0].stage_id = self.won
            self._commit()
        with self._at("2026-03-10"):
            result, page = self._run("pipeline")
        figures = result.figures
        self.assertEqual((figures["count"], figures["total"]), (1, 300))
        self.assertEqual(figures["weighted"], 150)
        # three months' targets of the team, less what was won in the quarter
        self.assertEqual(figures["target"]["target"], 3000)
        self.assertEqual(figures["target"]["reached"], 100)
        self.assertAlmostEqual(figures["coverage"], 300 / 2900)
        self.assertEqual((figures["win_rate"], figures["cycle_days"]), (0.5, 30))
        self.assertEqual((figures["overdue_share"], figures["slippage_days"]), (1, 37))
        deal = self._rows(page, "Largest open opportunities")[0]
        self.assertIn("overdue", deal[-1])
        # of three that left their stage one was won: nobody can say where it is lost
        (rates,) = (one for one in page["sections"] if one["kind"] == "ranges")
        self.assertIn("No clear bottleneck", rates["help"])
        opened = next(
            one["opens"][0] for one in page["sections"] if "Largest" in one["title"]
        )
        action = getattr(self.env[opened["model"]], opened["method"])(*opened["args"])
        self.assertEqual(
            self.env["crm.lead"].search(action["domain"]).ids, deals[2].ids
        )

    def test_a_reached_target_is_named_and_the_largest_deals_are_listed(self):
        self.team.invoiced_target = 100
        with self._at("2026-01-05"):
            deals = [self._lead(1000 + number) for number in range(24)]
            self._commit()
        with self._at("2026-02-04"):
            deals[0].stage_id = self.won
            _result, page = self._run("pipeline")
        numbers = {one["name"]: one for one in page["sections"][0]["numbers"]}
        coverage = numbers["Target coverage"]
        self.assertEqual(coverage["text"], "–")
        self.assertEqual(coverage["hint"], "Target until Mar 31, 2026 reached.")
        # any pipeline covers the little that is left many times
        self.team.invoiced_target = 1050 / 3
        with self._at("2026-02-04"):
            _result, page = self._run("pipeline")
        numbers = {one["name"]: one for one in page["sections"][0]["numbers"]}
        coverage = numbers["Target coverage"]
        self.assertEqual(coverage["text"], "–")
        self.assertIn("Only", coverage["hint"])
        self.assertIn("50", coverage["hint"])
        amounts = [
            row[1]["number"] for row in self._rows(page, "Largest open opportunities")
        ]
        self.assertEqual(amounts, [1023 - place for place in range(20)])

    def test_who_sees_no_leads_reads_figures_but_no_deals(self):
        reader = new_test_user(
            self.env,
            "bi-sales-reader",
            groups="base.group_user,kpi_bi_dashboard.kpi_bi_dashboard_group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self._at("2026-03-10"):
            self._lead(7777)
            self._run("pipeline")
            page = self.env["kpi.bi.analysis"].with_user(reader).get_page("pipeline")
        titles = [one["title"] for one in page["sections"]]
        self.assertIn("Stages", titles)
        self.assertNotIn("Largest open opportunities", titles)
        self.assertNotIn("Salespeople", titles)

    def test_the_waterfall_closes_and_each_step_opens_its_leads(self):
        with self._at("2026-02-20"):
            raised, lost, gone = (self._lead(amount) for amount in (100, 200, 400))
            self._commit()
        with self._at("2026-03-05"):
            raised.expected_revenue = 150
            lost.action_set_lost()
            gone.unlink()
            new = self._lead(50)
            self._commit()
        with self._at("2026-03-10"):
            result, page = self._run("pipeline_change")
        steps = result.figures["steps"]
        known = {name: step[0] for name, step in steps.items() if step[1]}
        self.assertEqual(
            known,
            {"start": 700, "new": 50, "raised": 50, "lost": -200, "removed": -400,
             "end": 200},
        )  # fmt: skip
        (section,) = page["sections"]
        sizes = [section["first"]["size"], *(one["size"] for one in section["steps"])]
        self.assertEqual(sum(sizes), section["last"]["size"])
        texts = [section["first"]["text"], *(one["text"] for one in section["steps"])]
        # As on dashboards and their links: a change has a sign, an amount has none.
        self.assertEqual([text[0] for text in texts], ["$", "+", "+", "−", "−"])
        (step,) = (one for one in section["steps"] if one["label"] == "New")
        action = self.env["kpi.bi.analysis"].open_documents(*step["opens"]["args"])
        self.assertEqual(self.env["crm.lead"].search(action["domain"]), new)
        self.assertEqual(
            page["days"],
            {"since": "2026-02-28", "until": "2026-03-10", "last": "2026-03-10"},
        )

    def test_any_two_days_are_compared(self):
        with self._at("2026-02-10"):
            self._lead(100)
            self._commit()
        with self._at("2026-02-20"):
            self._lead(40)
            self._commit()
        with self._at("2026-03-10"):
            self._run("pipeline_change")
        get_page = self.env["kpi.bi.analysis"].get_page
        for days, first, last in (
            ("2026-02-15..2026-03-01", 100, 140),
            ("2026-01-31..2026-02-15", 0, 100),
            ("2026-02-20..2030-01-01", 140, 140),  # of days to come nothing is known
        ):
            with self.subTest(days=days):
                page = get_page(f"pipeline_change:{days}")
                (section,) = page["sections"]
                sizes = section["first"]["size"], section["last"]["size"]
                self.assertEqual(sizes, (first, last))
        self.assertEqual(page["days"]["until"], "2026-03-10")
        with self.assertRaises(UserError):
            get_page("pipeline_change:soon..later")

    def test_what_is_closed_on_an_earlier_day_counts_from_when_it_was_entered(self):
        with self._at("2026-02-20"):
            lead = self._lead(100)
            self._commit()
        with self._at("2026-03-05"):
            lead.action_set_lost()
            lead.date_closed = "2026-02-25"
            self._commit()
        with self._at("2026-03-10"):
            result, _page = self._run("pipeline_change")
            figures = self._run("pipeline")[0].figures
        self.assertEqual(result.figures["steps"]["start"][0], 100)
        self.assertEqual(result.figures["steps"]["lost"][0], -100)
        # closed it was before: neither won nor open
        self.assertEqual((figures["count"], figures["win_rate"]), (0, 0))

    def test_companies_have_pipelines_of_their_own_in_their_currency(self):
        euro, yen = self.env.ref("base.EUR"), self.env.ref("base.JPY")
        (euro | yen).active = True
        self.company.currency_id = yen
        other = self.env["res.company"].create({"name": "Other"})
        with self._at("2026-03-09"):
            self._lead(100)
            self._lead(7000, company_id=other.id, team_id=False)
            # of all companies
            self._lead(20, company_id=False, team_id=False)
            self._commit()
        with self._at("2026-03-10"):
            result, page = self._run("pipeline")
            self.env["kpi.bi.analysis"].sudo()._analyse_pipeline(other)
        self.assertGreaterEqual(result.figures["total"], 120)
        self.assertLess(result.figures["total"], 7000)
        self.assertIn("¥", page["sections"][0]["numbers"][0]["text"])
        theirs = result._find_latest(other, "pipeline").sudo()
        self.assertEqual(theirs.figures["total"] - result.figures["total"], 6900)

    def test_leads_without_a_history_have_a_score_that_says_so(self):
        with self._at("2026-01-05"):
            lead = self._lead(100)
            self._commit()
        self.env.cr.execute("ALTER TABLE kpi_bi_opportunity_event DISABLE TRIGGER USER")
        self.env.cr.execute("TRUNCATE kpi_bi_opportunity_event")
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = '2026-01-05' WHERE id = %s", [lead.id]
        )
        with self._at("2026-03-10"):
            result, page = self._run("pipeline")
        deals = {deal[0]: deal for deal in result.figures["deals"]}
        self.assertIn("unknown_stage", deals[lead.id][-1])
        self.assertGreaterEqual(result.figures["partly_known"], 1)
        self.assertEqual(page["sections"][-1]["kind"], "notes")
        self.assertTrue(page["sections"][-1]["notes"])

    def test_a_score_leaves_out_stages_of_other_teams(self):
        """Of 4 deals half leave New, those of the other team through Check."""
        other = self.env["crm.team"].create(
            {"name": "Other", "company_id": self.company.id}
        )
        check = self.env["crm.stage"].create(
            {"name": "Check", "sequence": 1002, "team_ids": [Command.set(other.ids)]}
        )
        with self._at("2026-01-05"):
            mine = [self._lead() for _each in range(3)]
            theirs = [self._lead(team_id=other.id) for _each in range(5)]
            self._commit()
        with self._at("2026-01-15"):
            mine[0].stage_id = self.offer
            mine[1].action_set_lost()
            for lead in theirs[:2]:
                lead.stage_id = check
            (theirs[2] | theirs[3]).action_set_lost()
            self._commit()
        with self._at("2026-01-25"):
            mine[0].stage_id = self.won
            theirs[0].stage_id = self.won
            theirs[1].action_set_lost()
            self._commit()
        with self._at("2026-03-10"):
            result, _page = self._run("pipeline")
        scores = {deal[0]: deal[5] for deal in result.figures["deals"]}
        # 3 of 6 left New forward, all left Offer to be won, half of those in Check
        self.assertEqual(scores[mine[2].id], 50)
        self.assertEqual(scores[theirs[4].id], 25)

    def test_without_leads_or_purchases_pages_say_what_they_need(self):
        with self._at("2026-03-10"):
            for name in ("pipeline", "pipeline_change", "revenue_forecast"):
                result, page = self._run(name)
                self.assertTrue(result)
                self.assertTrue(page["sections"] or page["message"], name)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 12:00:00")
class TestKpiBiRevenueForecast(PurchaseCase):
    def setUp(self):
        super().setUp()
        months = [
            f"{year}-{month:02}-05" for year in (2024, 2025) for month in range(1, 13)
        ]
        for at, day in enumerate([*months, "2026-01-05", "2026-02-05", "2026-03-05"]):
            self._invoice(day, 1000.0 + 10 * at)
        self._refresh()
        reader = self._user("reader", "user")
        self.analyses = self.env["kpi.bi.analysis"].with_user(reader)

    def _section(self, page, kind):
        return next(one for one in page["sections"] if one["kind"] == kind)

    def test_revenue_of_purchases_is_forecast_without_a_kpi(self):
        result = self.analyses.sudo()._analyse_revenue_forecast(self.company)
        figures = result.figures
        # the running month is not over
        self.assertEqual(figures["months"][-1], "2026-02")
        self.assertEqual(figures["revenue"][-1], 1250)
        forecast = figures["forecast"]
        self.assertAlmostEqual(forecast["expected"][0], 1260, delta=10)
        self.assertEqual(forecast["naive"][0], 1140)
        page = self.analyses.get_page("revenue_forecast")
        json.dumps(page)
        chart = self._section(page, "chart")["tile"]["chart"]
        revenue, last_year = chart["series"]
        # history and forecast in one chart: the last 12 months and the next 12
        self.assertEqual(revenue["values"][-1], 1250)
        self.assertEqual(revenue["expected"]["values"][1:], forecast["expected"])
        self.assertEqual(revenue["expected"]["lows"][1:], forecast["low"])
        self.assertEqual(last_year["expected"]["values"][1], 1140)
        self.assertEqual(chart["starts"][-1], "2026-02-01")
        self.assertEqual(chart["coming"]["starts"][0], "2026-03-01")
        table = self._section(page, "table")
        self.assertEqual(len(table["rows"]), 12)
        for head in ("Linear", "Exponential", "Regular customers"):
            self.assertNotIn(head, table["heads"])
        self.assertIn("customer purchases", self._section(page, "notes")["notes"][0])
        again = self.analyses.sudo()._analyse_revenue_forecast(self.company)
        self.assertEqual(again, result)

    def test_revenue_moves_by_new_and_churned_customers(self):
        self._invoice("2026-02-10", 400, self.partner_b)
        self._invoice("2026-01-10", 60, move_type="out_refund")
        self._refresh()
        self.analyses.sudo()._analyse_movements(self.company)
        page = self.analyses.get_page("movements")
        json.dumps(page)
        waterfall = self._section(page, "waterfall")
        sizes = {one["label"]: one["size"] for one in waterfall["steps"]}
        # January: 1,240 less the refund; February: 1,250 and 400
        self.assertEqual(waterfall["first"]["size"], 1180)
        self.assertEqual(waterfall["last"]["size"], 1650)
        self.assertEqual(sum(sizes.values()), 470)
        self.assertEqual(sizes, {"New": 400, "Expansion": 10 + 60})
        self.assertIn("February 2026", waterfall["title"])
        chart = self._section(page, "chart")["tile"]["chart"]
        self.assertEqual(len(chart["categories"]), 12)
        by_month = [
            sum(values)
            for values in zip(*(one["values"] for one in chart["series"]), strict=True)
        ]
        self.assertEqual(by_month[-1], 470)
        numbers = self._section(page, "numbers")["numbers"]
        # the same as the KPI of that name
        purchases, day = self.analyses.sudo()._read(self.company)
        net = kept_and_churned(purchases, day)[1]
        self.assertEqual(numbers[0]["text"], Page(self.env).percent(net))
