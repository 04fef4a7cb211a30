"""What endangers benefits of Nordwind: leakages, doubts, and what they need."""

from dataclasses import dataclass
from datetime import timedelta

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


LEAKS = (
    Leak("Tablets for technicians", "Two sites go on using paper forms",
         "adoption_stall", 0.26, "38 % of the reports of last month were scanned.",
         ("investigating", "mitigating"), "No tablets for temporary staff",
         "Lend tablets with the van; stop paper forms"),
    Leak("Tablets for technicians", "Repeat visits are counted late", "silence", 0.05,
         "Visits of the last week of a month appear a month later."),
    Leak("Self-service portal for spare parts", "Old parts are not in the catalogue",
         "shortfall", 0.11, "One in nine searches finds nothing.",
         ("investigating",), "Old drawings have no part numbers"),
    Leak("Guided offers", "Discounts beyond the guide", "decay", 0.03,
         "Offers above the limit rose from 4 to 9 % in a quarter.",
         ("investigating", "mitigating", "resolved"),
         "The limit could be overridden without a reason",
         "Ask for a reason; show it to the head of sales", recovered=0.6),
    Leak("Remote diagnostics for pumps", "Pumps without network", "other", 0.015,
         "11 of 730 pumps send nothing.", ("accepted",),
         reason="A line to each of them costs more than the calls."),
)  # fmt: skip
DOUBTS = (  # initiative, probability, days ago, reason
    ("Tablets for technicians", 0.85, 240, "Pilot at one site went well"),
    ("Tablets for technicians", 0.55, 40, "Two sites still work on paper"),
    ("Self-service portal for spare parts", 0.8, 20, "Orders come in as planned"),
    ("Guided offers", 0.9, 150, "Sales likes it"),
    ("Lead scoring", 0.7, 12, "The model finds the known winners"),
    ("Planning of projects in one tool", 0.6, 65, "Late, and dearer than planned"),
)
ENDED = (  # name, planned, share realised, how confident the owner was
    ("Licence of the old price tool ends", 9000, 1.0, 0.95),
    ("Printed catalogue is given up", 14000, 0.97, 0.9),
    ("Fewer credit notes after price errors", 6000, 0.71, 0.8),
    ("Temporary staff for price rounds", 11000, 0.93, 0.75),
    ("Fewer questions to the price desk", 5000, 1.08, 0.7),
    ("Rounding in customers' favour ends", 8000, 0.4, 0.6),
    ("Archive room is given up", 7000, 1.0, 0.9),
    ("Scanning service is cancelled", 12000, 1.0, 0.95),
    ("Cash discounts are taken", 16000, 0.84, 0.85),
    ("Fewer reminders of suppliers", 4000, 0.95, 0.65),
    ("Overtime at the end of the year", 9000, 1.1, 0.7),
    ("Postage", 3000, 0.92, 0.8),
)
ENDED_OF = ("One price list", "Automated invoice capture")
ENDED_MONTH = -6
MAP = (  # initiative, enabler, change
    ("Tablets for technicians", "Tablets and contracts", "Reports on site, at once"),
    ("Self-service portal for spare parts", "Catalogue with part numbers",
     "Customers order by themselves"),
    ("Guided offers", "Rules for prices", "Offers in one conversation"),
    ("Automated invoice capture", "Clean data of suppliers",
     "Invoices need no typing"),
)  # fmt: skip
OBJECTIVES = {  # objective → initiatives whose benefits bring it nearer
    "Service margin of 30 %": (
        "Tablets for technicians",
        "Remote diagnostics for pumps",
        "Self-service portal for spare parts",
    ),
    "Books closed in three days": ("Automated invoice capture",),
    "Grow orders by a tenth": ("Guided offers", "Lead scoring", "Key account plans"),
}
NEEDS = (  # the benefit of one needs that of another
    ("Remote diagnostics for pumps", "Tablets for technicians"),
    ("Guided offers", "Key account plans"),
)


ASSUMPTIONS = (  # initiative, what is assumed, days until the check, result so far
    # and who checks it, where that is not the owner of the benefit
    ("Guided offers", "Half of the offers are made with the guide", -3, None,
     "anna_berg"),
    ("Tablets for technicians", "All sites give up paper forms", 20,
     ("failed", "Two sites still print them")),
    ("Tablets for technicians", "A tablet lasts four years", 160,
     ("holds", "11 of 240 were replaced in the first year")),
    ("Self-service portal for spare parts", "Half of the customers order online", -12,
     None),
    ("Remote diagnostics for pumps", "Customers let us read their pumps", 75,
     ("holds", "719 of 730 pumps send data")),
    ("Planning of projects in one tool", "40 projects a year, as in the last one", 30,
     None),
    ("Automated invoice capture", "5,000 invoices a month", 60,
     ("holds", "5,140 last month")),
    ("Guided offers", "Discounts stay below 4 %", 25, ("holds", "3.1 % last quarter")),
    ("Lead scoring", "Sales calls the best leads within two days", 5, None),
    ("Predictive maintenance contracts", "Customers share the data of their pumps", 40,
     None),
)  # fmt: skip


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
