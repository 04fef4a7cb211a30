"""Agents' deals and commissions of a few weeks, and their performance by hand.

``reckoned`` reads the events row by row and adds them up in Python.
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from odoo.tests import freeze_time

from .commission_case import CommissionCase

SETTLED = ("confirmed", "invoiced", "paid")
MARCH = date(2026, 3, 31)


class PerformanceCase(CommissionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Asia/Singapore"  # days end at 16:00 UTC
        cls.performance = cls.env["kpi.agent.performance"]
        cls._rate(cls.dollar, "2026-01-01", 1.25)
        cls._rate(cls.dollar, "2026-03-01", 2.0)
        cls.pound = cls.env.ref("base.GBP")
        cls.pound.active = True
        with freeze_time("2026-01-05 09:00:00"):
            cls._open_deals()
        with freeze_time("2026-02-10 08:00:00"):
            cls._close_deals()
        with freeze_time("2026-03-10 15:59:59"):
            cls.late = cls._deal("Late", estimated_value_amount=70.0, confidence=0.3)
        with freeze_time("2026-03-20 10:00:00"):
            cls._change_deals()

    @classmethod
    def _open_deals(cls):
        cls.open = cls._deal(
            "Open",
            estimated_value_amount=10.01,
            confidence=0.5,
            asset_type="office",
        )
        cls.twin = cls.open.copy({"title": "Twin"})
        cls.third = cls.open.copy({"title": "Third"})
        cls.won = cls._deal(
            "Won",
            estimated_value_amount=1000.0,
            asset_type="office",
            currency_id=cls.dollar.id,
        )
        cls.given = cls._deal("Given", estimated_value_amount=333.33)
        cls.lost = cls._deal("Lost", estimated_value_amount=5.0, asset_type="land")
        cls.gone = cls._deal("Gone", estimated_value_amount=7.0)
        cls.back = cls._deal("Back", estimated_value_amount=11.0, confidence=0.1)
        cls.unpriced = cls._deal(
            "Unpriced",
            estimated_value_amount=50.0,
            confidence=1.0,
            currency_id=cls.pound.id,
        )

    @classmethod
    def _close_deals(cls):
        for deal in (cls.won, cls.given, cls.back):
            deal.pipeline_stage = "closed_won"
        cls.lost.write(
            {"pipeline_stage": "closed_lost", "lost_reason_id": cls.reason.id}
        )
        cls.gone.action_cancel()
        cls.commissions = cls.env["kpi.commission"]
        for deal, amount, agent in (
            (cls.won, 100.0, cls.agent),
            (cls.given, 20.05, cls.agent),
            (cls.back, 8.0, cls.other),
            (cls.lost, 9.0, cls.agent),
            (cls.unpriced, 4.0, cls.agent),
        ):
            cls.commissions |= cls.commissions.create(
                {
                    "deal_id": deal.id,
                    "agent_id": agent.id,
                    "commission_amount": amount,
                }
            )
        # Settled at the rates of this day, unless the currency has none.
        cls.commissions.with_user(cls.boss).action_confirm()

    @classmethod
    def _change_deals(cls):
        cls.back.action_reopen()
        cls.given.agent_id = cls.other  # won by the first one
        cls.given.estimated_value_amount = 400.0
        cls.won.asset_type = "retail"
        cls.twin.agent_id = cls.other
        cls.third.active = False
        paid, adjusted, contested, lost, _unpriced = cls.commissions.sorted("id")
        paid.with_user(cls.boss).action_pay()
        adjusted.with_user(cls.boss)._adjust("clawback", -5.5, "Refund")
        cls.env["kpi.commission.dispute"].create(
            {"commission_id": contested.id, "reason": "Mine"}
        )
        lost.with_user(cls.boss).action_write_off()

    @classmethod
    def _rows(cls, day, company=None):
        return cls.performance.search(
            [
                ("as_of_date", "=", day),
                ("company_id", "=", (company or cls.company).id),
            ]
        )

    @classmethod
    def _numbers(cls, day):
        """Agent → what is stored of the day, amounts as they stand in the columns."""
        cls.env.cr.execute(
            """
            SELECT agent_id, deals_open, deals_closed_won, gross_pipeline_value,
                   weighted_pipeline_value, avg_cycle_days, conversion_rate,
                   confirmed_commission_amount, disputed_commission_amount
              FROM agent_performance_snapshots
             WHERE as_of_date = %s AND company_id = %s
            """,
            (day, cls.company.id),
        )
        return {
            agent: (*counts, *(None if n is None else Decimal(str(n)) for n in numbers))
            for agent, *rest in cls.env.cr.fetchall()
            for counts, numbers in [(rest[:2], rest[2:])]
        }

    @classmethod
    def _reckoned(cls, end, known=None):
        """Agent → the same numbers, one event after the other.

        :param end: of the day, in UTC
        :param known: events recorded from then on are not known
        """
        known = known or end
        found = {}
        for deal in (
            cls.env["kpi.deal"]
            .with_context(active_test=False)
            .search([("company_id", "=", cls.company.id)])
        ):
            _count_deal(deal, end, known, found)
        for commission in cls.env["kpi.commission"].search(
            [("company_id", "=", cls.company.id)]
        ):
            _count_commission(commission, min(end, known), found)
        return {agent: _summed(counted) for agent, counted in found.items()}

    def _end(self, day):
        return datetime.combine(day, datetime.min.time()) + timedelta(hours=16)


def _counted(found, agent):
    return found.setdefault(
        agent.id,
        {"open": [], "won": [], "lost": 0, "confirmed": [], "disputed": []},
    )


def _count_deal(deal, end, known, found):
    events = [
        event
        for event in deal.value_event_ids.sorted(lambda e: (e.effective_at, e.id))
        if event.effective_at < end and event.recorded_at < known
    ]
    if not events:
        return
    last = closing = events[-1]
    for event in reversed(events):
        if event.status != last.status:
            break
        closing = event
    counted = _counted(found, (last if last.status == "open" else closing).agent_id)
    if last.status == "closed_won":
        counted["won"].append(closing.effective_at - deal.opened_at)
    elif last.status == "closed_lost":
        counted["lost"] += 1
    elif last.status == "open":
        worth, weighted = (None, None)
        if last.rate:
            worth = Decimal(f"{last.company_amount:.8f}")
            weighted = worth * Decimal(f"{last.confidence:.2f}")
        counted["open"].append((worth, weighted))


def _count_commission(commission, known, found):
    """As of the ledger's entries in the audit log, at the rates of the settling."""
    events = commission.env["kpi.commission.event"].search(
        [("commission_id", "=", commission.id), ("recorded_at", "<", known)],
        order="id",
    )
    states = events.filtered(lambda event: event.kind == "state")
    if not states:
        return
    counted = _counted(found, commission.agent_id)
    status = states[-1].status
    amounts = [states[-1], *events.filtered(lambda event: event.kind == "adjustment")]
    total = sum(
        Decimal(f"{event.amount:.2f}") * Decimal(f"{event.rate:.15f}")
        for event in amounts
    )
    if status in SETTLED:
        counted["confirmed"].append(total)
    elif status == "disputed":
        counted["disputed"].append(total)


def _summed(counted):
    won, lost = counted["won"], counted["lost"]
    cycle = rate = None
    if won:
        seconds = Decimal(sum(each.total_seconds() for each in won)) / len(won)
        cycle = _rounded(seconds / 86400, "0.01")
    if won or lost:
        rate = _rounded(Decimal(len(won)) / (len(won) + lost), "0.0001")
    return (
        len(counted["open"]),
        len(won),
        _rounded(sum(worth or 0 for worth, _weighted in counted["open"])),
        _rounded(sum(weighted or 0 for _worth, weighted in counted["open"])),
        cycle,
        rate,
        _rounded(sum(counted["confirmed"])),
        _rounded(sum(counted["disputed"])),
    )


def _rounded(number, unit="0.01"):
    return Decimal(number).quantize(Decimal(unit), ROUND_HALF_UP)
