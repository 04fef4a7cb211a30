"""What endangers benefits of Nordwind: leakages, doubts, and what they need."""

from dataclasses import dataclass
from datetime import timedelta

from .facts import load
from .kpi_benefits import BENEFITS
from .kpi_collaboration import as_person

ASSUMED = "kpi.benefit.assumption"
LEAKAGES = "kpi.value.leakage"
SCORES = "kpi.benefit.confidence"
NODES = "kpi.benefit.node"
LINKS = "kpi.benefit.link"


@dataclass(frozen=True)
class Leak:
    """A leakage before it is a record.

    :param share: of the planned value of the benefit that is lost
    :param steps: statuses after it was identified
    :param recovered: share of the impact
    """

    initiative: str
    name: str
    kind: str
    share: float
    evidence: str
    steps: tuple[str, ...] = ()
    cause: str = ""
    plan: str = ""
    reason: str = ""
    recovered: float = 0.0


FACTS = load("kpi_benefit_risks")
LEAKS = [Leak(**row) for row in FACTS["leaks"]]
# initiative, probability, days ago, reason
DOUBTS = FACTS["doubts"]
# name, planned, share realised, how confident the owner was
ENDED = FACTS["ended"]
ENDED_OF = ("One price list", "Automated invoice capture")
ENDED_MONTH = -6
# initiative, enabler, change
MAP = FACTS["map"]
# objective → initiatives whose benefits bring it nearer
OBJECTIVES = FACTS["objectives"]
NEEDS = (  # the benefit of one needs that of another
    ("Remote diagnostics for pumps", "Tablets for technicians"),
    ("Guided offers", "Key account plans"),
)


# initiative, what is assumed, days until the check, result so far, and who checks it
# where that is not the owner of the benefit
ASSUMPTIONS = FACTS["assumptions"]


def endanger_benefits(story):
    """Leakages in all states, scores, assumptions, ended benefits, and a map."""
    benefits = {
        one.initiative_id.name: one
        for one in story.env[BENEFITS].search([], order="id desc")
        if one.company_id == story["company_de"]
    }
    for leak in LEAKS:
        report_leakage(story, leak, benefits[leak.initiative])
    for name, probability, days, reason in DOUBTS:
        score(story, benefits[name], probability, days, reason)
    for name, *assumed in ASSUMPTIONS:
        assume(story, benefits[name], *assumed)
    for number, ended in enumerate(ENDED):
        initiative = benefits[ENDED_OF[number * len(ENDED_OF) // len(ENDED)]]
        end_benefit(story, initiative.initiative_id, *ended)
    draw_map(story, benefits)


def report_leakage(story, leak, benefit):
    """Reported by the owner of the benefit, and moved on as far as it is."""
    impact = round(leak.share * benefit.expected_value, -2)
    leakage = as_person(story, benefit.owner_id, LEAKAGES).create(
        {
            "name": leak.name,
            "benefit_id": benefit.id,
            "kind": leak.kind,
            "estimated_impact": impact,
            "evidence": leak.evidence,
            "root_cause": leak.cause,
            "mitigation_plan": leak.plan,
            "acceptance_reason": leak.reason,
        }
    )
    for status in leak.steps:
        leakage.status = status
    leakage.recovered_amount = round(leak.recovered * impact, -2)


def score(story, benefit, probability, days, reason):
    """Given by the owner, on a day that has gone."""
    story.env[SCORES].create(
        {
            "benefit_id": benefit.id,
            "probability": probability,
            "reason": reason,
            "date": story.timeline.today - timedelta(days=days),
            "user_id": benefit.owner_id.id,
        }
    )


def assume(story, benefit, text, days, result, checker=""):
    """What the plan rests on; checked by the owner of the benefit, or never yet."""
    values = {
        "benefit_id": benefit.id,
        "name": text,
        "review_date": story.timeline.today + timedelta(days=days),
    }
    if checker:
        user = story[f"user_{checker}"]
        benefit.initiative_id.message_subscribe(user.partner_id.ids)
        values["owner_id"] = user.id
    assumption = story.env[ASSUMED].create(values)
    if result:
        status, note = result
        own = as_person(story, benefit.owner_id, ASSUMED).browse(assumption.id)
        own._note_check(status, assumption.review_date, note)


def end_benefit(story, initiative, name, planned, share, probability):
    """A benefit that came once, half a year ago, and how sure its owner was before."""
    month = story.timeline.month_start(ENDED_MONTH)
    benefit = story.env[BENEFITS].create(
        {
            "name": name,
            "initiative_id": initiative.id,
            "benefit_type": "cost_reduction",
            "amount": planned,
            "is_recurring": False,
            "date_from": month,
            "evidence": "Ledger of the month",
        }
    )
    benefit.period_ids.realized = round(share * planned)
    days = (story.timeline.today - month).days + 30
    score(story, benefit, probability, days, "As it looked before it began")
    benefit.action_confirm_status()


def draw_map(story, benefits):
    """Enablers, changes and objectives around the benefits that have one."""
    for name, enabler, change in MAP:
        initiative = benefits[name].initiative_id
        enabler, change = story.env[NODES].create(
            [
                {"name": text, "kind": kind, "initiative_id": initiative.id}
                for text, kind in ((enabler, "enabler"), (change, "change"))
            ]
        )
        link(story, source_node=enabler, target_node=change)
        link(story, source_node=change, target_benefit=benefits[name])
    for text, names in OBJECTIVES.items():
        objective = story.env[NODES].create(
            {"name": text, "kind": "objective", "company_id": story["company_de"].id}
        )
        for name in names:
            link(story, source_benefit=benefits[name], target_node=objective)
    for name, needed in NEEDS:
        link(story, source_benefit=benefits[needed], target_benefit=benefits[name])


def link(story, **ends):
    """A link between two records, by their sides."""
    story.env[LINKS].create({f"{side}_id": one.id for side, one in ends.items()})


def find_leaks(story):
    """What detection finds, as its job files it; after all values are there."""
    initiatives = story.env["kpi.initiative"].search(
        [("company_id", "=", story["company_de"].id)]
    )
    initiatives._file_findings()
