"""KPIs by which initiatives of Nordwind Components are tracked, and what they prove."""

from dataclasses import dataclass
from datetime import timedelta

from .facts import load
from .kpi_benefits import BENEFITS, LIFE_MONTHS, MODEL
from .kpi_collaboration import as_person

BEFORE = 12  # months whose mean is the baseline


@dataclass(frozen=True)
class Tracked:
    """A KPI of one initiative, defined by its owner.

    :param initiative: its name
    :param before: usual value until the initiative is live
    :param after: value half a year later, where it stays
    :param target: what was promised
    :param noise: share by which values differ from month to month
    :param worth: money per unit of improvement; 0: no benefit is measured
    """

    initiative: str
    name: str
    symbol: str
    category: str
    before: float
    after: float
    target: float
    noise: float = 0.05
    worth: float = 0.0
    benefit: str = ""
    type: str = "cost_reduction"
    direction: str = "lower"


FACTS = load("kpi_baselines")
TRACKED = [Tracked(**row) for row in FACTS["tracked"]]


def track_kpis(story):
    """Each KPI from its owner, with a year before it and the months since."""
    for number, tracked in enumerate(TRACKED, start=1):
        initiative = story.env[MODEL].search([("name", "=", tracked.initiative)])
        baseline = track(story, tracked, initiative)
        story.keep(f"baseline_{number}", baseline)
        if tracked.worth:
            measure(story, tracked, baseline)


def track(story, tracked, initiative):
    """Values first, then the baseline: the mean of the year before going live."""
    own = as_person(story, initiative.owner_id, MODEL).browse(initiative.id)
    report = own._create_own_kpi(
        {
            "name": tracked.name,
            "unit": "custom",
            "unit_symbol": tracked.symbol,
            "direction": tracked.direction,
            "decimals": 1 if tracked.before < 20 else 0,
            "aggregation_time": "average",
        }
    )
    live = initiative.go_live_date.replace(day=1)
    rows = list(list_values(story, tracked, live))
    # A full history at once, in the name of the person responsible.
    facts = story.env["kpi.measurement"].with_user(initiative.owner_id).sudo()
    facts._upsert(
        "month", [(report.id, day, value) for day, value in rows], source="manual"
    )
    baselines = as_person(story, initiative.owner_id, "kpi.baseline")
    baseline = baselines.create(
        {
            "initiative_id": initiative.id,
            "report_id": report.id,
            "category": tracked.category,
            "baseline_method": "window",
            "window_from": rows[0][0],
            "baseline_date": live - timedelta(days=1),
            "target_value": tracked.target,
            "unit_value": tracked.worth or False,
        }
    )
    return baseline.with_env(story.env)


def list_values(story, tracked, live):
    """(month, value) of the year before going live, and since then up to last month."""
    rng = story.rng(f"tracked {tracked.name}")
    digits = 1 if tracked.before < 20 else 0
    offset = (live.year - story.timeline.today.year) * 12
    offset += live.month - story.timeline.today.month
    for place in range(-BEFORE, -offset):
        way = min(max(place + 1, 0) / 6, 1.0)
        level = tracked.before + way * (tracked.after - tracked.before)
        value = level * rng.uniform(1 - tracked.noise, 1 + tracked.noise)
        yield story.timeline.month_start(offset + place), round(value, digits)


def measure(story, tracked, baseline):
    """Plan what the target is worth; what came of it is worked out from the KPI."""
    promised = abs(baseline.baseline_value - tracked.target) * tracked.worth
    first = baseline.initiative_id.go_live_date.replace(day=1)
    months = (first.year - story.timeline.today.year) * 12
    months += first.month - story.timeline.today.month
    benefit = story.env[BENEFITS].create(
        {
            "name": tracked.benefit,
            "initiative_id": baseline.initiative_id.id,
            "baseline_id": baseline.id,
            "benefit_type": tracked.type,
            "amount": round(promised, -2),
            "date_from": first,
            "date_to": story.timeline.month_start(months + LIFE_MONTHS - 1),
            "ramp_up": "linear",
            "ramp_months": 6,
        }
    )
    if benefit.suggested_status not in ("planned", "realized"):
        benefit.action_confirm_status()
