"""Requests of a quarter as they went: who asked for what, who decided, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

from .people import COMPANIES
from .story import load

TZ = COMPANIES["de"]["tz"]
DAYS = timedelta(days=90)
COUNT = 52  # of requests of the quarter; those of today come beside them
EXPRESS, LATE = 0.15, 0.12  # shares
BEFORE_NOON = 10  # UTC: what is urgent comes in the morning
FACTS = load("kpi_workflow_tat")
# template → what is asked for: subject, amount
TEXTS = FACTS["texts"]
ASKING = FACTS["asking"]
ENDINGS = (  # decision, share up to which it is taken, why
    ("approve", 0.88, ""),
    ("reject", 0.95, "Not in this year's budget."),
    ("return", 1.0, "Please add the second offer."),
)
# Reasons and notes of late decisions, in turn.
DELAYS = FACTS["delays"]
# What waits now: template, number of the text, who asks, levels that are decided,
# working hours since the current level was asked
WAITING = FACTS["waiting"]
HELD = ("purchase", 1)  # the last of them is on hold


@dataclass(frozen=True)
class Turn:
    """A person's part: asked, and decided unless it is still open."""

    approver: object
    asked_at: datetime
    decided_at: datetime | None
    decision: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """A request as it went: its values, and one turn for each level that was asked."""

    template: str
    initiator: object
    values: dict
    turns: tuple[Turn, ...]
    is_held: bool = False

    @property
    def submitted_at(self) -> datetime:
        return self.turns[0].asked_at


MODEL = "kpi.tat.request"
HELD_HOURS = 1.0
CLOSED_AFTER = timedelta(days=30)


def plan_quarter(story):
    """Requests over the last three months, the latest of which may still be open."""
    rng, timeline = story.rng("requests"), story.timeline
    days = [day for day in timeline.working_days() if day > timeline.today - DAYS]
    for day in sorted(rng.choices(days, k=COUNT)):
        key = rng.choice(list(TEXTS))
        moment = timeline.moment(rng, day, TZ)
        is_express = rng.random() < EXPRESS and moment.hour < BEFORE_NOON
        turns = plan_turns(story, rng, key, moment, is_express=is_express)
        subject, amount = rng.choice(TEXTS[key])
        values = {
            "subject": subject,
            "amount": round(amount * rng.uniform(0.8, 1.3), -2),
            "priority": "express" if is_express else "standard",
        }
        initiator = story[f"user_{rng.choice(ASKING)}"]
        yield Plan(key, initiator, values, tuple(turns))


def plan_turns(story, rng, key, moment, *, is_express):
    """Turns of a template's levels from ``moment`` on, up to now."""
    for level in find_levels(story, key):
        share = rng.uniform(1.05, 1.9) if rng.random() < LATE else rng.uniform(0.1, 0.9)
        hours = level.tat_hours_express if is_express else level.tat_hours_standard
        later = find_later(story, moment, share * hours, is_express)
        fate = rng.random()
        decision, _limit, reason = next(one for one in ENDINGS if fate < one[1])
        approver = level.approver_ids.user_id
        yield Turn(approver, moment, later, decision, reason)
        if not later or decision != "approve":
            return
        moment = later


def find_levels(story, key):
    return story[f"request_template_{key}"].level_ids.sorted("sequence")


def plan_waiting(story):
    """What waits for the head of sales and the controller, today and tomorrow."""
    for key, number, person, decided, hours in WAITING:
        approvers = [level.approver_ids.user_id for level in find_levels(story, key)]
        subject, amount = TEXTS[key][number]
        asked_at = find_earlier(story, hours)
        turns = [Turn(approvers[decided], asked_at, None, "", "")]
        if decided:
            first = find_earlier(story, hours + 4)
            turns.insert(0, Turn(approvers[0], first, asked_at, "approve", ""))
        values = {"subject": subject, "amount": amount, "priority": "standard"}
        initiator = story[f"user_{person}"]
        is_held = (key, number) == HELD
        yield Plan(key, initiator, values, tuple(turns), is_held)


def find_later(story, moment, hours, is_express):
    """The moment after so many hours of work, or of the clock; None: still to come."""
    if not is_express:
        return story.timeline.hours_later(moment, hours, TZ)
    later = moment + timedelta(minutes=round(hours * 60))
    return later if later < story.timeline.now else None


def find_earlier(story, hours):
    """The last minute since which so many working hours have passed."""
    timeline = story.timeline
    low, high = timeline.now - timedelta(days=30), timeline.now
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if timeline.hours_between(middle, timeline.now, TZ) >= hours:
            low = middle
        else:
            high = middle
    return (low + timedelta(seconds=30)).replace(second=0, microsecond=0)


def ask_for_things(story):
    """Requests are made and decided on today, and then dated as they would have been:
    their clocks are counted again from those moments."""
    story.play(FACTS["templates"])
    plans = [*plan_quarter(story), *plan_waiting(story)]
    plans.sort(key=lambda plan: plan.submitted_at)
    requests = story.make(MODEL, [prepare_request(plan) for plan in plans])
    pairs = list(zip(plans, requests, strict=True))
    act_together(story, pairs, lambda plan: (plan.initiator, "action_submit", ()))
    decide(story, pairs)
    hold(story, pairs)
    for plan, request in pairs:
        date_back(story, plan, request)
    explain_delays(story, requests)
    close(story, pairs)
    requests.alert_ids.notification_sent = True


def prepare_request(plan):
    return {
        **plan.values,
        "template_id": f"@request_template_{plan.template}",
        "company_id": "@company_de",
        "initiator_id": plan.initiator.id,
        "create_date": plan.submitted_at,
    }


def act_together(story, pairs, find_act):
    """Let everybody do the same to all requests that they do it to.

    :param find_act: function of a plan: (person, method, arguments), or None
    """
    acts = {}
    for plan, request in pairs:
        act = find_act(plan)
        if act:
            acts[act] = acts.get(act, request) | request
    for (person, method, arguments), requests in acts.items():
        getattr(story.as_person(person, MODEL, requests.ids), method)(*arguments)


def decide(story, pairs):
    """Level by level."""
    for number in range(max(len(plan.turns) for plan, _request in pairs)):

        def find_decision(plan, number=number):
            turn = plan.turns[number] if number < len(plan.turns) else None
            if not (turn and turn.decided_at):
                return None
            arguments = (turn.reason,) if turn.reason else ()
            return turn.approver, f"action_{turn.decision}", arguments

        act_together(story, pairs, find_decision)


def hold(story, pairs):
    """One waits for the answer of somebody outside."""
    (held,) = [pair for pair in pairs if pair[0].is_held]
    plan, request = held
    own = story.as_person(plan.turns[-1].approver, MODEL, request.ids)
    own.action_hold("The organiser has not confirmed the place yet.")
    request.hold_ids.date_from = find_earlier(story, HELD_HOURS)


def date_back(story, plan, request):
    """Count each clock anew from when its person was asked, with its reminders."""
    rows = request.level_ids.sorted("level_number")
    for turn, row in zip(plan.turns, rows, strict=False):
        step = row.step_id
        row._start_all({row: step}, turn.asked_at)
        remind(row, turn.decided_at or story.timeline.now)
        if turn.decided_at:
            row._stop_all({row: step}, turn.decided_at)
        step.write({"asked_at": turn.asked_at, "decided_at": turn.decided_at})
    request._write_pending(
        {
            "approval_asked_at": plan.submitted_at,
            "submitted_at": plan.submitted_at,
            "decided_at": request.decided_at and plan.turns[-1].decided_at,
        }
    )


def remind(row, stop):
    """The reminders that fell due before ``stop``, with their notes."""
    while row.next_due_at and row.next_due_at < stop:
        moment = row.next_due_at
        row._remind(moment)
        domain = [("model", "=", MODEL), ("res_id", "=", row.request_id.id)]
        messages = row.env["mail.message"]
        messages.search(domain, order="id desc", limit=1).date = moment


def explain_delays(story, requests):
    """Late decisions have a delay reason."""
    rows = requests.level_ids.filtered(lambda row: row.tat_breached and row.decided_at)
    for row, delay in zip(rows.sorted("decided_at"), cycle(DELAYS), strict=False):
        row.step_id.write(story.resolve(delay))


def close(story, pairs):
    """Half of what was approved long ago is put away."""
    limit = story.timeline.now - CLOSED_AFTER
    old = [
        (plan, request)
        for plan, request in pairs
        if plan.submitted_at < limit and request.status == "approved"
    ]
    act_together(story, old[::2], lambda plan: (plan.initiator, "action_close", ()))
