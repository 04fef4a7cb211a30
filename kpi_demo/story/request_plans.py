"""Requests of a quarter as they went: who asked for what, who decided, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .companies import COMPANIES
from .facts import load

TZ = COMPANIES["de"]["tz"]
DAYS = timedelta(days=90)
COUNT = 52  # of requests of the quarter; those of today come beside them
EXPRESS, LATE = 0.15, 0.12  # shares
BEFORE_NOON = 10  # UTC: what is urgent comes in the morning

# name, levels (approver, hours of standard and of express requests), what is asked for
FACTS = load("request_plans")
TEMPLATES = FACTS["templates"]
ASKING = FACTS["asking"]
ENDINGS = (  # decision, share up to which it is taken, why
    ("approve", 0.88, ""),
    ("reject", 0.95, "Not in this year's budget."),
    ("return", 1.0, "Please add the second offer."),
)
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


def plan_quarter(story):
    """Requests over the last three months, the latest of which may still be open."""
    rng, timeline = story.rng("requests"), story.timeline
    days = [day for day in timeline.working_days() if day > timeline.today - DAYS]
    for day in sorted(rng.choices(days, k=COUNT)):
        key = rng.choice(list(TEMPLATES))
        moment = timeline.moment(rng, day, TZ)
        is_express = rng.random() < EXPRESS and moment.hour < BEFORE_NOON
        turns = plan_turns(story, rng, key, moment, is_express=is_express)
        subject, amount = rng.choice(TEMPLATES[key][2])
        values = {
            "subject": subject,
            "amount": round(amount * rng.uniform(0.8, 1.3), -2),
            "priority": "express" if is_express else "standard",
        }
        initiator = story[f"user_{rng.choice(ASKING)}"]
        yield Plan(key, initiator, values, tuple(turns))


def plan_turns(story, rng, key, moment, *, is_express):
    """Turns of a template's levels from ``moment`` on, up to now."""
    for person, standard, express in TEMPLATES[key][1]:
        share = rng.uniform(1.05, 1.9) if rng.random() < LATE else rng.uniform(0.1, 0.9)
        later = find_later(
            story, moment, share * (express if is_express else standard), is_express
        )
        fate = rng.random()
        decision, _limit, reason = next(one for one in ENDINGS if fate < one[1])
        yield Turn(story[f"user_{person}"], moment, later, decision, reason)
        if not later or decision != "approve":
            return
        moment = later


def plan_waiting(story):
    """What waits for the head of sales and the controller, today and tomorrow."""
    for key, number, person, decided, hours in WAITING:
        levels, (subject, amount) = TEMPLATES[key][1], TEMPLATES[key][2][number]
        asked_at = find_earlier(story, hours)
        turns = [Turn(story[f"user_{levels[decided][0]}"], asked_at, None, "", "")]
        if decided:
            first = find_earlier(story, hours + 4)
            approver = story[f"user_{levels[0][0]}"]
            turns.insert(0, Turn(approver, first, asked_at, "approve", ""))
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
