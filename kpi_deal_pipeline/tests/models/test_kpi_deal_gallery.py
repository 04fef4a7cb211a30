from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..deal_case import DealCase

WON = {"pipeline_stage": "closed_won"}
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


@tagged("post_install", "-at_install")
class TestKpiDealGallery(DealCase):
    """The KPIs of the theme “Deals” on a few deals, against what a hand counts."""

    freeze_time = freeze_time("2026-02-28 12:00:00", tick=True)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.definition"].search([]).active = False
        cls.env.user.company_ids = [Command.link(cls.company.id)]
        cls.theme = cls.env.ref("kpi_deal_pipeline.kpi_gallery_set_deals")
        lost = {"pipeline_stage": "closed_lost", "lost_reason_id": cls.reason.id}
        opened = datetime(2026, 1, 5, 12)
        for amount, confidence, closing in (
            (1000.0, 0.9, {**WON, "actual_close_date": "2026-01-15"}),  # 10 days
            (3000.0, 0.5, {**WON, "actual_close_date": "2026-02-04"}),  # 30 days
            (500.0, 0.2, {**lost, "actual_close_date": "2026-02-10"}),
            (2000.0, 0.25, {}),
        ):
            cls._deal(
                estimated_value_amount=amount,
                confidence=confidence,
                opened_at=opened,
                **closing,
            )

    def _values(self):
        """Code → first day of the month → value, for the company."""
        self.theme.kpi_ids._turn_on()
        definitions = self.env["kpi.definition"].search(
            [("code", "in", self.theme.kpi_ids.mapped("code"))]
        )
        self.env["kpi.source"]._recompute_all(JANUARY, date(2026, 2, 28))
        self.env["kpi.definition"]._recompute_formulas(JANUARY)
        facts = self.env["kpi.measurement"].search(
            [
                ("report_id.definition_id", "in", definitions.ids),
                ("report_id.scope_type", "=", "company"),
                ("report_id.company_id", "=", self.company.id),
                ("grain", "=", "month"),
            ]
        )
        found = {}
        for fact in facts:
            by_month = found.setdefault(fact.report_id.code, {})
            by_month[fact.period_start] = fact.value
        return found

    def test_values(self):
        found = self._values()
        expected = {
            "deal_new": (4, 0),
            "deal_won_count": (1, 1),
            "deal_won_value": (1000, 3000),
            "deal_lost_count": (0, 1),
            "deal_win_rate": (100, 50),
            "deal_cycle_time": (10, 30),
            "deal_average_value": (1000, 3000),
            "deal_open_count": (3, 1),
            "deal_pipeline": (5500, 2000),
            # 3000 × 0.5 + 500 × 0.2 + 2000 × 0.25, then the last of them
            "deal_weighted_pipeline": (2100, 500),
            # 1 open × 50% × 3,000 / 30 days
            "deal_velocity": (300, 50),
        }
        for code, values in expected.items():
            with self.subTest(code):
                months = (found[code].get(JANUARY, 0), found[code].get(FEBRUARY, 0))
                for month, value in zip(months, values, strict=True):
                    self.assertAlmostEqual(month, value, 6)

    def test_a_day_of_23_hours_is_a_day(self):
        """Clocks go on an hour between 1 February and 1 April in Berlin."""
        self.company.partner_id.tz = "Europe/Berlin"
        self.env["kpi.calendar"].search(
            [("company_id", "=", self.company.id)]
        ).tz = "Europe/Berlin"
        with freeze_time("2026-04-30 12:00:00"):
            berlin = self.env["kpi.deal"].with_context(tz="Europe/Berlin")
            berlin.create(
                {
                    "title": "Spring",
                    "agent_id": self.agent.id,
                    "company_id": self.company.id,
                    "currency_id": self.euro.id,
                    "opened_at": datetime(2026, 2, 1, 11),  # noon
                    **WON,
                    "actual_close_date": "2026-04-01",
                }
            )
            self.theme.kpi_ids._turn_on()
            self.env["kpi.source"]._recompute_all(JANUARY, date(2026, 4, 30))
            for code in ("deal_cycle_time", "deal_cycle_mean"):
                self.assertEqual(self._value(code, "month", date(2026, 4, 1)), 59.0)
            performance = self.env["kpi.agent.performance"]
            performance._take(date(2026, 4, 30), self.company, datetime(2027, 1, 1))
            row = performance.search([("agent_id", "=", self.agent.id)])
            recent = row.roi_metrics["last_365_days"]
            self.assertEqual(row.avg_cycle_days, 33.0)  # 10, 30 and 59 days
            self.assertEqual(recent["avg_cycle_days"], 33.0)

    def test_values_of_days_and_quarters(self):
        self._values()
        last = date(2026, 2, 28)
        for code, grain, start, value in (
            ("deal_pipeline_daily", "day", last, 2000),
            ("deal_pipeline_daily", "day", date(2026, 2, 3), 5500),
            ("deal_weighted_daily", "day", date(2026, 2, 9), 600),
            ("deal_opened", "quarter", JANUARY, 4),
            ("deal_reached_qualification", "quarter", JANUARY, 2),
            ("deal_opened_won", "quarter", JANUARY, 2),
        ):
            with self.subTest(code=code, start=start):
                self.assertAlmostEqual(self._value(code, grain, start), value, 6)

    def _value(self, code, grain, start):
        fact = self.env["kpi.measurement"].search(
            [
                ("report_id.definition_id.code", "=", code),
                ("report_id.scope_type", "=", "company"),
                ("report_id.company_id", "=", self.company.id),
                ("grain", "=", grain),
                ("period_start", "=", start),
            ]
        )
        return fact.value

    def test_a_step_counts_as_passed_where_it_was_skipped(self):
        """From the first stage to an agreement, and lost from there."""
        deal = self._deal(opened_at=datetime(2026, 1, 7, 12))
        deal.pipeline_stage = "agreement"
        deal.write({"pipeline_stage": "closed_lost", "lost_reason_id": self.reason.id})
        self._values()
        for code, value in (
            ("deal_opened", 5),
            ("deal_reached_qualification", 3),
            ("deal_reached_proposal", 3),
            ("deal_reached_agreement", 3),
            ("deal_opened_won", 2),
        ):
            with self.subTest(code):
                self.assertEqual(self._value(code, "quarter", JANUARY), value)
