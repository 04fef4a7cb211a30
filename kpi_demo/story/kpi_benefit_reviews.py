"""Reviews of what initiatives have brought: one published, one being written."""

from dataclasses import dataclass
from datetime import timedelta

from odoo import Command

from .kpi_benefits import PLANS
from .kpi_collaboration import as_person

REVIEWS = "kpi.post.implementation.review"
LINKS = "kpi.review.feedback.link"
TOPICS = ("Field service", "Suppliers", "Data quality", "Training")
LINK_DAYS = 30
PROPOSAL = "Predictive maintenance contracts"  # which has a topic in common


@dataclass(frozen=True)
class Text:
    """What is written about an initiative.

    :ivar lessons: (lesson, category, topics)
    :ivar answers: (name, role, rating, comment) of stakeholders
    """

    initiative: str
    summary: str
    objectives: str
    lessons: tuple[tuple[str, str, tuple[str, ...]], ...]
    recommendations: tuple[str, ...]
    answers: tuple[tuple[str, str, int, str], ...]
    is_published: bool


TEXTS = (
    Text(
        "Remote diagnostics for pumps",
        "Technicians see the state of a pump before they drive. Visits without a part "
        "have become rare, and customers wait for shorter times.",
        "Reached: fewer visits on site, shorter downtime at customers.\n"
        "Not reached: pumps older than ten years send no data.",
        (
            ("Ask customers for access to their network before the order.",
             "planning", ("Field service",)),
            ("Two technicians as trainers helped more than any manual.",
             "adoption", ("Field service", "Training")),
            ("Clean the serial numbers first: one in five was wrong.",
             "technology", ("Data quality",)),
        ),
        ("Offer the sensor with each maintenance contract.",
         "Retrofit the forty pumps that fail most often."),
        (
            ("Anke Petersen", "Head of maintenance, customer", 5,
             "We know what is wrong before you are here."),
            ("Tom Brandt", "Technician", 4, "Works well. The app could be faster."),
            ("Lena Vogt", "Planner", 3, "Old pumps still need a phone call."),
        ),
        True,
    ),
    Text(
        "Guided offers",
        "Offers are written in half an hour instead of two, with fewer errors.",
        "Reached: time per offer. Open: discounts are still approved by hand.",
        (("Leave exceptions out of the first version.", "scope", ("Training",)),),
        ("Bring the approval of discounts into the tool.",),
        (("Nils Adam", "Inside sales", 5, "I would not go back."),),
        False,
    ),
)  # fmt: skip


def write_reviews(story):
    """The reviews, by the owners of the initiatives and their sponsors."""
    tags = story.env["kpi.lesson.tag"]._find_or_create(TOPICS)
    topics = {tag.name: tag.id for tag in tags}
    for text in TEXTS:
        write_review(story, text, topics)
    story[f"initiative_{number_of(PROPOSAL)}"].lesson_tag_ids = tags[:1]


def number_of(name):
    return [plan.name for plan in PLANS].index(name) + 1


def write_review(story, text, topics):
    number = number_of(text.initiative)
    initiative = story[f"initiative_{number}"]
    own = as_person(story, initiative.owner_id, REVIEWS)
    review = own.create(
        {
            "initiative_id": initiative.id,
            "executive_summary": text.summary,
            "objectives_assessment": text.objectives,
            "lesson_ids": [
                Command.create(
                    {
                        "lesson": lesson,
                        "category": category,
                        "tag_ids": [Command.set([topics[name] for name in names])],
                    }
                )
                for lesson, category, names in text.lessons
            ],
            "recommendation_ids": [
                Command.create({"description": advice})
                for advice in text.recommendations
            ],
        }
    )
    review.action_suggest_text()
    ask_stakeholders(story, review, text.answers)
    if text.is_published:
        review.action_submit()
        as_person(story, initiative.sponsor_id, REVIEWS).browse(
            review.id
        ).action_approve()
        review.action_publish()
    story.keep(f"review_{number}", review)


def ask_stakeholders(story, review, answers):
    """A link that several people answered by."""
    last_day = story.timeline.today + timedelta(days=LINK_DAYS)
    link = review.env[LINKS]._generate(review, expires_on=last_day)
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
