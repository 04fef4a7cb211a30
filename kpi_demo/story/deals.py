"""The property business: sites let, bought and sold, each deal with its history."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest

from odoo import Command, fields
from odoo.models import BaseModel

from odoo.addons.kpi_deal_pipeline.models.deal.kpi_deal import StageMove, ValueChange

from .people import COMPANIES, create_sales_team, members
from .story import load

DEPARTMENT = "de_property"
PER_DAY, GROWTH, LEAD_IN = 0.55, 0.4, 200
FACTS = load("deals")
# stage, days in it, share that goes on, what agents think of their chances
STAGES = FACTS["stages"]
SKIPPED = 0.06  # share of stages that a deal passes by
REPRICED = 0.18  # share of moves with which the value is estimated anew
# type of deal, weight, what the title says
KINDS = FACTS["kinds"]
HALF_BELOW = 0.55  # spread of values around the median
LOSSES = FACTS["losses"]


@dataclass
class Step:
    """A deal comes into a stage.

    :param values: what else is different on it from then on
    """

    stage: str
    at: datetime
    values: dict = field(default_factory=dict)


SETTLED_AFTER, INVOICED_AFTER, PAID_AFTER = 10, 25, 40  # days after the deal is won
BILLED_SHARE = 0.02  # fee of a deal
DAYS = 45  # of the agents' performance


def create_deals(story):
    """Sites, deals with all their moves, and the contacts of those still open."""
    rng = story.rng("deals")
    team = create_sales_team(story, DEPARTMENT, "Property")
    story.play([FACTS["sites"]])
    # what a sale of each is usually worth
    sites = [(story[f"site_{n}"], price) for n, price in enumerate(FACTS["prices"], 1)]
    days = story.timeline.events(rng, PER_DAY, GROWTH, LEAD_IN)
    stories = [_deal(story, rng, team, sites, day) for day in days]
    stories = [each for each in stories if not _has_ended_before(story, each[1])]
    deals = story.env["kpi.deal"].create([values for values, _steps in stories])
    histories = dict(zip(deals, (steps[1:] for _values, steps in stories), strict=True))
    for agent, own in deals.grouped("agent_id").items():
        # Moved by their agents, whose rights do not matter here.
        _retell(own.with_user(agent).sudo(), [histories[deal] for deal in own])
    _add_contacts(story, rng, deals.filtered(lambda deal: deal.status == "open"))
    _share(deals, members(story, DEPARTMENT, story.timeline.today))
    story.records["property_deals"] = deals


def _deal(story, rng, team, sites, day):
    """Values of a new deal, and the steps it took."""
    opened_at = story.timeline.moment(rng, day, COMPANIES["de"]["tz"])
    person = rng.choice(members(story, DEPARTMENT, day))
    site, price = rng.choice(sites)
    kind, _weight, title = rng.choices(KINDS, [weight for _k, weight, _t in KINDS])[0]
    # Rents of some years, fees of a mandate: less than what the site is worth.
    part = {"lease": 0.3, "management": 0.12}.get(kind, 1.0)
    value = round(price * part * rng.lognormvariate(0, HALF_BELOW), -3)
    steps = _steps(story, rng, opened_at, person.role.skill, value)
    customer = rng.choice(story["customers"]["de"])
    values = {
        "title": title.format(site.name),
        "company_id": story["company_de"].id,
        "team_id": team.id,
        "agent_id": person.user.id,
        "partner_id": customer.partner.id,
        "property_id": site.id,
        "asset_type": site.asset_type,
        "deal_type": kind,
        "lead_source": rng.choice(FACTS["sources"]),
        "currency_id": story["company_de"].currency_id.id,
        "opened_at": opened_at,
        "expected_close_date": day + timedelta(days=rng.randrange(90, 190)),
        **steps[0].values,
    }
    return values, steps


def _steps(story, rng, opened_at, skill, value):
    """The stages a deal came into, the last one being where it is today."""
    optimism = rng.uniform(0.9, 1.25)
    at, found = opened_at, []
    for place, (stage, days, share, chance) in enumerate(STAGES):
        if found and rng.random() < SKIPPED:
            continue
        if found and rng.random() < REPRICED:
            value = round(value * rng.uniform(0.82, 1.15), -3)
        confidence = round(min(chance * optimism, 0.97), 2)
        found.append(
            Step(stage, at, {"estimated_value_amount": value, "confidence": confidence})
        )
        days *= rng.lognormvariate(0, 0.5)
        at = story.timeline.days_later(rng, at, days, COMPANIES["de"]["tz"])
        if not at:
            return found
        if rng.random() > min(share * skill**0.35, 0.99):
            reason = rng.choice(LOSSES if place < 5 else LOSSES[2:])
            lost = {"lost_reason_id": story["reasons"][reason].id}
            return [*found, Step("closed_lost", at, lost)]
    return [*found, Step("closed_won", at)]


def _has_ended_before(story, steps):
    last = steps[-1]
    return last.stage.startswith("closed") and last.at.date() < story.timeline.start


def _retell(deals, histories):
    """Move the deals through their steps, at the moments these were taken.

    All first steps at once, then all second ones: each is written beside the deal's own
    ``write``, which would take the moment for now.
    """
    for steps in zip_longest(*histories):
        moves, changes = [], []
        for deal, step in zip(deals, steps, strict=True):
            if not step:
                continue
            moves.append(StageMove(deal, deal.pipeline_stage, step.stage, step.at))
            changes.append(ValueChange(deal, step.at))
            values = {**step.values, "pipeline_stage": step.stage}
            if step.stage == "closed_won":
                values["won_by_id"] = deal.agent_id.id
            BaseModel.write(deal, values)
        deals._follow(moves)
        deals._record(moves, changes)


def _add_contacts(story, rng, deals):
    kinds, names = FACTS["contact_types"], FACTS["contacts"]
    story.env["kpi.deal.contact"].create(
        [
            {
                "deal_id": deal.id,
                "contact_type": kind,
                "name": rng.choice(names),
                "company": deal.partner_id.name,
            }
            for deal in deals
            for kind in kinds[: rng.randrange(1, 4)]
        ]
    )


def _share(deals, people):
    """Every ninth deal is parted with a colleague."""
    for place, deal in enumerate(deals[::9]):
        colleague = people[place % len(people)].user
        if colleague != deal.agent_id:
            deal.split_ids = [
                Command.create({"agent_id": deal.agent_id.id, "share_percent": 60.0}),
                Command.create({"agent_id": colleague.id, "share_percent": 40.0}),
            ]


def create_commissions(story):
    """A tiered plan over the entire story; older commissions are paid, two disputed."""
    deals = story["property_deals"]
    people = members(story, DEPARTMENT, story.timeline.today)
    agents = [Command.set([person.user.id for person in people])]
    plan = story.make("kpi.commission.plan", [{**FACTS["plan"], "agent_ids": agents}])
    story.keep("kpi_commission_plan_property", plan)
    plan.action_activate()
    _settle(story, plan.commission_ids)
    # Last quarter's statements are issued; the first agent has acknowledged.
    statements = plan._make_statements(*plan._last_period())
    statements.with_user(story["user_clara_vogt"]).action_issue()
    first = statements[:1]
    first.with_user(first.agent_id).action_acknowledge()
    _bill(story, deals.filtered(lambda deal: deal.status == "closed_won"))


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


def _older(story, commissions, days):
    limit = story.timeline.today - timedelta(days=days)
    return commissions.filtered(lambda each: each.earned_on < limit)


def _bill(story, deals):
    """The fee of each won deal is invoiced; what is older than a month is paid."""
    rows = []
    for deal in deals:
        fee = round(deal.estimated_value_amount * BILLED_SHARE, 2)
        for kind, days in (("invoice", 0), ("payment", 30)):
            day = deal.actual_close_date + timedelta(days=days)
            if not days or day < story.timeline.today:
                rows.append(
                    {
                        "deal_id": deal.id,
                        "billing_type": kind,
                        "date": day,
                        "amount_untaxed": fee,
                        "reference": f"P{deal.id:05}",
                    }
                )
    story.env["kpi.deal.billing"].create(rows)


def turn_on_ready_kpis(story):
    """Ready dashboards and the KPIs on them, as two clicks each in the gallery do."""
    for name, xml_id in FACTS["ready_dashboards"].items():
        ready = story.env.ref(xml_id)
        ready = ready.with_company(story["company_de"])
        ready._install()
        ready.dashboard_id.owner_id = story["user_clara_vogt"]
        story.keep(f"kpi_dashboard_{name}", ready.dashboard_id)
    # The controller answers for them, as for all others.
    own = [("owner_id", "=", story.env.uid)]
    for model in ("kpi.definition", "kpi.report"):
        story.env[model].search(own).owner_id = story["user_clara_vogt"]
    # They are computed with all others, in a moment.
    story.env["kpi.job"].search([("state", "=", "queued")]).unlink()


def set_benchmarks(story):
    """Benchmarks of an invented industry, beside the numbers of the company."""
    story.make("kpi.performance.benchmark", FACTS["benchmarks"])


def learn_from_deals(story):
    """Do the work of a night: odds of open deals; their KPIs are computed later."""
    company = story["company_de"]
    story.env["kpi.deal.win.model"]._learn(company)
    story.env["kpi.deal"]._keep_win_probabilities(company)


def keep_performance(story):
    """The agents' last days, as known now: the deals were recorded today.

    Commissions were settled today, too, and count from today on.
    """
    company = story["company_de"]
    local = company.with_context(tz=company.resource_calendar_id.tz)
    today = fields.Datetime.context_timestamp(local, story.timeline.now).date()
    for days_ago in range(DAYS - 1, -1, -1):
        story.env["kpi.agent.performance"]._take(
            today - timedelta(days=days_ago),
            company,
            known_at=fields.Datetime.now(),
        )
