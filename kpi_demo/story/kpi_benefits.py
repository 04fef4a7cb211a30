"""Initiatives of Nordwind Components: programmes, gates, costs and benefits."""

from dataclasses import dataclass
from datetime import timedelta

from odoo import Command

from .facts import load
from .kpi_collaboration import as_person

MODEL = "kpi.initiative"
BENEFITS = "kpi.benefit.realization"
FACTS = load("kpi_benefits")
# name, who decides, share of the way from the start to going live
GATES = FACTS["gates"]
PASSED = FACTS["passed"]
STEPS = ("action_start", "action_go_live", "action_review", "action_close")
COST_EACH = 1000
LIFE_MONTHS = 36  # of a benefit
RAMP_MONTHS = 4
# department → type and name of the benefit, whether it is cashable
TYPES = FACTS["types"]
ELSEWHERE = ("revenue_increase", "More orders won", "cashable")
SLIP_DAYS = 24  # which gates that are to come are expected later, at most


@dataclass(frozen=True)
class Plan:
    """An initiative before it is a record.

    :param start: first month of delivery, counted from this one
    :param months: of delivery
    :param cost: planned, in thousands
    :param overrun: actual and expected cost as a share of the plan
    :param yields: realised benefits as a share of the plan
    """

    name: str
    department: str
    owner: str
    sponsor: str
    status: str
    start: int
    months: int
    cost: int
    overrun: float = 1.0
    program: str = ""
    yields: float = 0.95


PLANS = [Plan(**row) for row in FACTS["plans"]]


def plan_initiatives(story):
    """Programmes first, then what is below them, as far as each is today."""
    for number, plan in enumerate(PLANS, start=1):
        initiative = create_initiative(story, plan, number)
        move(story, plan, initiative)
        if plan.cost:
            bring_benefits(story, plan, initiative)
        story.keep(f"initiative_{number}", initiative)


def create_initiative(story, plan, number):
    rng = story.rng(f"initiative {plan.name}")
    program = story.env[MODEL].search([("name", "=", plan.program)], limit=1)
    return story.env[MODEL].create(
        {
            "name": plan.name,
            "reference": f"NW-{number:03d}",
            "company_id": story["company_de"].id,
            "department_id": story[f"department_{plan.department}"].id,
            "owner_id": story[f"user_{plan.owner}"].id,
            "sponsor_id": story[f"user_{plan.sponsor}"].id,
            "parent_id": program.id,
            "planned_go_live_date": day_of(story, plan, 1.0),
            "gate_ids": [
                Command.create(values) for values in list_gates(story, plan, rng)
            ],
            "cost_ids": [
                Command.create(values) for values in list_costs(story, plan, rng)
            ],
        }
    )


def day_of(story, plan, share):
    """Day at a share of the way from the start of delivery to going live."""
    start = story.timeline.month_start(plan.start)
    stop = story.timeline.month_start(plan.start + plan.months)
    return start + timedelta(days=round(share * (stop - start).days))


def list_gates(story, plan, rng):
    """Gates that were passed on a day, and those to come, some of them later."""
    today = story.timeline.today
    for place, (name, body, share) in enumerate(GATES):
        planned = day_of(story, plan, share)
        moved = planned + timedelta(days=rng.randrange(-6, SLIP_DAYS))
        values = {
            "sequence": 10 * (place + 1),
            "name": name,
            "approving_body": body,
            "planned_date": planned,
        }
        if place < PASSED[plan.status]:
            values["actual_date"] = min(moved, today)
        elif plan.overrun > 1:
            values["forecast_date"] = max(moved, planned)
        yield values


def list_costs(story, plan, rng):
    """Planned evenly over the months; what was spent, and is expected now, differs."""
    if not plan.cost:
        return
    monthly = COST_EACH * plan.cost / plan.months
    this_month = story.timeline.month_start(0)
    for offset in range(plan.months):
        month = story.timeline.month_start(plan.start + offset)
        values = {"period_start": month, "planned": round(monthly)}
        spent = round(monthly * plan.overrun * rng.uniform(0.9, 1.1))
        if month < this_month and PASSED[plan.status] > 2:
            values["actual"] = spent
        yield {**values, "forecast": spent if plan.overrun != 1 else round(monthly)}


def move(story, plan, initiative):
    """Approved by the sponsor, then moved on by the owner, on days that have gone."""
    if plan.status == "proposed":
        return
    sponsor, owner = (story[f"user_{name}"] for name in (plan.sponsor, plan.owner))
    as_person(story, sponsor, MODEL).browse(initiative.id).action_approve()
    today = story.timeline.today
    approved = min(day_of(story, plan, GATES[1][2]), today)
    initiative.approved_on = approved
    gates = initiative.gate_ids.sorted("sequence")
    initiative.go_live_date = gates[3].actual_date
    own = as_person(story, owner, MODEL).browse(initiative.id)
    for method in STEPS[: list(PASSED).index(plan.status) - 1]:
        getattr(own, method)()


def bring_benefits(story, plan, initiative):
    """What is planned for three years, and what came of it in the months so far."""
    rng = story.rng(f"benefit {plan.name}")
    kind, name, effect = TYPES.get(plan.department, ELSEWHERE)
    first = plan.start + plan.months
    benefit = story.env[BENEFITS].create(
        {
            "name": name,
            "initiative_id": initiative.id,
            "benefit_type": kind,
            "money_effect": effect,
            "amount": round(COST_EACH * plan.cost * rng.uniform(0.05, 0.09), -2),
            "date_from": story.timeline.month_start(first),
            "date_to": story.timeline.month_start(first + LIFE_MONTHS - 1),
            "ramp_up": rng.choice(("linear", "s_curve")),
            "ramp_months": RAMP_MONTHS,
        }
    )
    if PASSED[plan.status] < 4:
        return
    over = benefit.period_ids.filtered(
        lambda one: one.period_start < story.timeline.month_start(0)
    )
    for period in over:
        period.realized = period.planned * plan.yields * rng.uniform(0.9, 1.1)
    benefit.action_confirm_status()
