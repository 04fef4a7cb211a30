"""The property business: sites let, bought and sold, each deal with its history."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest

from odoo import Command
from odoo.models import BaseModel

from odoo.addons.kpi_deal_pipeline.models.deal.kpi_deal import StageMove, ValueChange

from .companies import COMPANIES
from .facts import load
from .people import members

DEPARTMENT = "de_property"
PER_DAY, GROWTH, LEAD_IN = 0.55, 0.4, 200
FACTS = load("deals")
# stage, days in it, share that goes on, what agents think of their chances
STAGES = FACTS["stages"]
SKIPPED = 0.06  # share of stages that a deal passes by
REPRICED = 0.18  # share of moves with which the value is estimated anew
# type of deal, weight, what the title says
KINDS = FACTS["kinds"]
# name, class of assets, median value of a sale in thousands, floor area
SITES = FACTS["sites"]
SOURCES = ("Referral", "Website", "Trade Fair", "Cold Call")
HALF_BELOW = 0.55  # spread of values around the median
EARLY_LOSSES = ("Too expensive", "Competitor chosen", "Budget withdrawn", "No answer")


@dataclass
class Step:
    """A deal comes into a stage.

    :param values: what else is different on it from then on
    """

    stage: str
    at: datetime
    values: dict = field(default_factory=dict)


def create_deals(story):
    """Sites, deals with all their moves, and the contacts of those still open."""
    rng = story.rng("deals")
    team = _create_team(story)
    sites = _create_sites(story)
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


def _create_team(story):
    head = story[f"department_{DEPARTMENT}"].manager_id
    people = members(story, DEPARTMENT, story.timeline.today)
    team = story.env["crm.team"].create(
        {
            "name": "Property",
            "company_id": story["company_de"].id,
            "user_id": head.user_id.id,
            "member_ids": [Command.set([person.user.id for person in people])],
        }
    )
    return story.keep("team_de_property", team)


def _create_sites(story):
    sites = story.env["kpi.deal.property"].create(
        [
            {
                "name": name,
                "asset_type": asset_type,
                "company_id": story["company_de"].id,
                "country_id": story.env.ref("base.de").id,
                "floor_area": area,
            }
            for name, asset_type, _value, area in SITES
        ]
    )
    return list(zip(sites, [site[2] * 1000 for site in SITES], strict=True))


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
        "lead_source": rng.choice(SOURCES),
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
        at = _later(story, rng, at, days * rng.lognormvariate(0, 0.5))
        if not at:
            return found
        if rng.random() > min(share * skill**0.35, 0.99):
            reason = rng.choice(EARLY_LOSSES if place < 5 else EARLY_LOSSES[2:])
            lost = {"lost_reason_id": story["reasons"][reason].id}
            return [*found, Step("closed_lost", at, lost)]
    return [*found, Step("closed_won", at)]


def _later(story, rng, at, days):
    return story.timeline.days_later(rng, at, days, COMPANIES["de"]["tz"])


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
    kinds = ("principal", "co_broke", "legal", "finance")
    names = ("Ruth Aldermann", "Viktor Salewski", "Hilde Kramp", "Jan-Ole Tiedje")
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
