from decimal import Decimal

from odoo.tests import freeze_time, tagged

from ..commission_case import CommissionCase


@tagged("post_install", "-at_install")
class TestKpiCommissionReversal(CommissionCase):
    """What is taken back has the exchange rate of what it takes back."""

    def _settled(self):
        """A commission of 100 dollars, settled where one is worth 0.50 euros."""
        self._rate(self.dollar, "2026-01-01", 2.0)
        self._plan("percentage", rate=0.1, currency_id=self.dollar.id)
        with freeze_time("2026-02-02 12:00:00"):
            deal = self._won(1000.0, currency_id=self.dollar.id)
            self._confirm(deal.commission_ids)
            self._bill(deal, 1000.0)
        self._rate(self.dollar, "2026-03-01", 1.0)
        return deal

    def _worth(self, deal):
        """Sum of what agents have of a deal, in the company's currency."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT sum(worth) FROM (
                SELECT DISTINCT ON (event.commission_id, event.kind = 'state',
                                    CASE event.kind WHEN 'adjustment' THEN event.id END)
                       coalesce(event.company_amount, late.company_amount) AS worth
                  FROM agent_commission_events AS event
             LEFT JOIN agent_commission_events AS late ON late.priced_id = event.id
                  JOIN agent_commission_records AS held ON held.id = event.commission_id
                 WHERE held.deal_id = %s AND event.kind <> 'late_rate'
              ORDER BY event.commission_id, event.kind = 'state',
                       CASE event.kind WHEN 'adjustment' THEN event.id END,
                       event.id DESC
            ) AS events
            """,
            [deal.id],
        )
        return self.env.cr.fetchone()[0]

    def test_a_refund_of_all_leaves_nothing_in_the_companys_currency(self):
        deal = self._settled()
        self.assertEqual(self._worth(deal), 50)
        with freeze_time("2026-03-02 12:00:00"):
            self._bill(deal, 400.0, "refund", "2026-03-02")
        self.assertEqual(self._worth(deal), 30)
        self._rate(self.dollar, "2026-04-01", 0.5)
        with freeze_time("2026-04-02 12:00:00"):
            self._bill(deal, 600.0, "refund", "2026-04-02")
        self.assertEqual(deal.commission_ids.net_amount, 0)
        self.assertEqual(self._worth(deal), 0)

    def test_a_reopened_deal_leaves_nothing(self):
        deal = self._settled()
        with freeze_time("2026-03-02 12:00:00"):
            deal.pipeline_stage = "negotiation"
        self.assertEqual(self._worth(deal), 0)

    def test_a_refund_before_the_commission_is_settled(self):
        self._rate(self.dollar, "2026-01-01", 2.0)
        self._rate(self.dollar, "2026-03-01", 1.0)
        self._plan("percentage", rate=0.1, currency_id=self.dollar.id)
        with freeze_time("2026-02-02 12:00:00"):
            deal = self._won(1000.0, currency_id=self.dollar.id)
            self._bill(deal, 1000.0)
            self._bill(deal, 600.0, "refund")
        with freeze_time("2026-03-02 12:00:00"):
            self._confirm(deal.commission_ids)
            self._bill(deal, 400.0, "refund", "2026-03-02")
        self.assertEqual(deal.commission_ids.net_amount, 0)
        self.assertEqual(self._worth(deal), 0)

    def test_a_rate_that_comes_late_is_that_of_the_commission(self):
        self._plan("percentage", rate=0.1, currency_id=self.dollar.id)
        with freeze_time("2026-02-02 12:00:00"):
            deal = self._won(1000.0, currency_id=self.dollar.id)
            self._confirm(deal.commission_ids)
            self._bill(deal, 1000.0)
        with freeze_time("2026-03-02 12:00:00"):
            self._bill(deal, 1000.0, "refund", "2026-03-02")
        self._rate(self.dollar, "2026-01-01", 2.0)
        self._rate(self.dollar, "2026-03-01", 1.0)
        self.env["kpi.commission.event"]._price_late()
        self.assertEqual(self._worth(deal), Decimal(0))
