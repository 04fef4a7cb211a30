"""Earnings of the property people: a plan; what is settled, paid and disputed."""

from datetime import timedelta

from odoo import Command

from .deals import DEPARTMENT
from .people import members

TIERS = (  # share of a quarter's won value; the last one has no end
    (0, 3_000_000, 0.004),
    (3_000_000, 8_000_000, 0.006),
    (8_000_000, False, 0.009),
)
SETTLED_AFTER, INVOICED_AFTER, PAID_AFTER = 10, 25, 40  # days after the deal is won
BILLED_SHARE = 0.02  # fee of a deal


def create_commissions(story):
    """A tiered plan over the entire story; older commissions are paid, two disputed."""
    deals = story["property_deals"]
    won = deals.filtered(lambda deal: deal.status == "closed_won")
    people = members(story, DEPARTMENT, story.timeline.today)
    plan = story.env["kpi.commission.plan"].create(
        {
            "name": "Property: three tiers",
            "company_id": story["company_de"].id,
            "currency_id": story["company_de"].currency_id.id,
            "date_from": story.timeline.start,
            "agent_ids": [Command.set([person.user.id for person in people])],
            "computation": "marginal",
            "period": "quarter",
            "tier_ids": [
                Command.create({"amount_from": low, "amount_to": high, "rate": rate})
                for low, high, rate in TIERS
            ],
        }
    )
    story.keep("kpi_commission_plan_property", plan)
    plan.action_activate()
    _settle(story, plan.commission_ids)
    _state(story, plan)
    _bill(story, won)


def _settle(story, commissions):
    """The controller confirms, invoices and pays; the newest are still pending."""
    controller = story["user_clara_vogt"]
    commissions -= commissions.sorted("earned_on")[-1:]  # pending on any day
    steps = (
        (SETTLED_AFTER, "action_confirm"),
        (INVOICED_AFTER, "action_invoice"),
        (PAID_AFTER, "action_pay"),
    )
    settled = _older(story, commissions, SETTLED_AFTER).sorted("earned_on")
    own = settled.filtered(lambda each: each.agent_id == story["user_marius_albers"])
    disputed = own[-1:] | (settled - own)[-1:]
    for days, method in steps:
        due = _older(story, commissions, days)
        if method != "action_confirm":
            due -= disputed
        getattr(due.with_user(controller), method)()
    for commission in disputed:
        story.env["kpi.commission.dispute"].with_user(commission.agent_id).create(
            {
                "commission_id": commission.id,
                "reason": "The fee was agreed before the lower tier came into force.",
                "deadline": story.timeline.today + timedelta(days=14),
            }
        )


def _state(story, plan):
    """Last quarter's statements are issued; the first agent has acknowledged."""
    statements = plan._make_statements(*plan._last_period())
    statements.with_user(story["user_clara_vogt"]).action_issue()
    first = statements[:1]
    first.with_user(first.agent_id).action_acknowledge()


def _older(story, commissions, days):
    limit = story.timeline.today - timedelta(days=days)
    return commissions.filtered(lambda each: each.earned_on < limit)


def _bill(story, deals):
    """The fee of each won deal is invoiced; what is older than a month is paid."""
    rows = []
    for deal in deals:
        fee = round(deal.estimated_value_amount * BILLED_SHARE, 2)
        paid_on = deal.actual_close_date + timedelta(days=30)
        rows.append(_billing(deal, "invoice", deal.actual_close_date, fee))
        if paid_on < story.timeline.today:
            rows.append(_billing(deal, "payment", paid_on, fee))
    story.env["kpi.deal.billing"].create(rows)


def _billing(deal, kind, day, amount):
    return {
        "deal_id": deal.id,
        "billing_type": kind,
        "date": day,
        "amount_untaxed": amount,
        "reference": f"P{deal.id:05}",
    }
