"""Initiatives of Nordwind Components: programmes, gates, costs and benefits."""

from datetime import timedelta

from .story import load, load_rows

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
BEFORE = 12  # months whose mean is the baseline
LINK_DAYS = 30  # that stakeholders have to answer
PLANS, TRACKED = load_rows(FACTS["plans"]), load_rows(FACTS["tracked"])


def plan_initiatives(story):
    """Programmes first, then what is below them, as far as each is today."""
    for number, plan in enumerate(PLANS, start=1):
        rng = story.rng(f"initiative {plan.name}")
        values = {
            "name": plan.name,
            "reference": f"NW-{number:03d}",
            "company_id": "@company_de",
            "department_id": f"@department_{plan.department}",
            "owner_id": f"@user_{plan.owner}",
            "sponsor_id": f"@user_{plan.sponsor}",
            "parent_id": plan.program and f"@initiative_{number_of(plan.program)}",
            "planned_go_live_date": day_of(story, plan, 1.0),
            "gate_ids": list(list_gates(story, plan, rng)),
            "cost_ids": list(list_costs(story, plan, rng)),
        }
        initiative = story.make(MODEL, [values])
        story.keep(f"initiative_{number}", initiative)
        move(story, plan, initiative)
        if plan.cost:
            benefit = bring_benefits(story, plan, initiative)
            story.keep(f"benefit_{number}", benefit)


def number_of(name):
    return [plan.name for plan in PLANS].index(name) + 1


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
    story.as_person(sponsor, MODEL, initiative.ids).action_approve()
    today = story.timeline.today
    approved = min(day_of(story, plan, GATES[1][2]), today)
    initiative.approved_on = approved
    gates = initiative.gate_ids.sorted("sequence")
    initiative.go_live_date = gates[3].actual_date
    own = story.as_person(owner, MODEL, initiative.ids)
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
    if PASSED[plan.status] >= 4:
        this_month = story.timeline.month_start(0)
        over = benefit.period_ids.filtered(lambda one: one.period_start < this_month)
        for period in over:
            period.realized = period.planned * plan.yields * rng.uniform(0.9, 1.1)
        benefit.action_confirm_status()
    return benefit


def track_kpis(story):
    """Each KPI from its owner, with a year before it and the months since."""
    for number, tracked in enumerate(TRACKED, start=1):
        initiative = story[f"initiative_{number_of(tracked.initiative)}"]
        baseline = track(story, tracked, initiative)
        story.keep(f"baseline_{number}", baseline)
        if tracked.worth:
            measure(story, tracked, baseline)


def track(story, tracked, initiative):
    """Values first, then the baseline: the mean of the year before going live."""
    own = story.as_person(initiative.owner_id, MODEL, initiative.ids)
    report = own._create_own_kpi(
        {
            "name": tracked.name,
            "unit": "custom",
            "unit_symbol": tracked.symbol,
            "direction": "lower",
            "decimals": decimals_of(tracked),
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
    values = {
        "initiative_id": initiative.id,
        "report_id": report.id,
        "category": tracked.category,
        "baseline_method": "window",
        "window_from": rows[0][0],
        "baseline_date": live - timedelta(days=1),
        "target_value": tracked.target,
        "unit_value": tracked.worth or False,
    }
    baseline = story.make("kpi.baseline", [values], initiative.owner_id)
    return baseline.with_env(story.env)


def decimals_of(tracked):
    return 1 if tracked.before < 20 else 0


def list_values(story, tracked, live):
    """(month, value) of the year before going live, and since then up to last month."""
    rng = story.rng(f"tracked {tracked.name}")
    offset = story.timeline.month_of(live)
    for place in range(-BEFORE, -offset):
        way = min(max(place + 1, 0) / 6, 1.0)
        level = tracked.before + way * (tracked.after - tracked.before)
        value = level * rng.uniform(1 - tracked.noise, 1 + tracked.noise)
        yield (
            story.timeline.month_start(offset + place),
            round(value, decimals_of(tracked)),
        )


def measure(story, tracked, baseline):
    """Plan what the target is worth; what came of it is worked out from the KPI."""
    promised = abs(baseline.baseline_value - tracked.target) * tracked.worth
    first = baseline.initiative_id.go_live_date.replace(day=1)
    months = story.timeline.month_of(first)
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


def endanger_benefits(story):
    """Leakages in all states, scores, assumptions, ended benefits, and a map."""
    story.play(FACTS["dangers"])
    for number, share in enumerate(FACTS["ended_shares"], start=1):
        benefit = story[f"ended_{number}"]
        benefit.period_ids.realized = round(share * benefit.amount)
        benefit.action_confirm_status()


def find_leaks(story):
    """What detection finds, as its job files it; after all values are there."""
    of_company = [("company_id", "=", story["company_de"].id)]
    story.env[MODEL].search(of_company)._file_findings()


def write_reviews(story):
    """By the owners of the initiatives and their sponsors, after others were asked."""
    story.play(FACTS["reviews"])
    for name, answers in FACTS["answers"].items():
        ask_stakeholders(story, story[name], answers)
    story.play(FACTS["publishing"])


def ask_stakeholders(story, review, answers):
    """A link that several people answered by."""
    last_day = story.timeline.today + timedelta(days=LINK_DAYS)
    links = review.env["kpi.review.feedback.link"]
    link = links._generate(review, expires_on=last_day)
    story.env["kpi.review.feedback"].create(
        [
            {
                "review_id": review.id,
                "link_id": link.id,
                "key": f"demo-answer-{place:08}",
                "name": name,
                "role": role,
                "rating": rating,
                "comment": comment,
                "submitted_at": story.timeline.now,
            }
            for place, (name, role, rating, comment) in enumerate(answers)
        ]
    )
