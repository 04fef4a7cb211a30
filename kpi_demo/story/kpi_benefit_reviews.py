"""Reviews of what initiatives have brought: one published, one being written."""

from dataclasses import dataclass
from datetime import timedelta

from odoo import Command

from .facts import load
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


FACTS = load("kpi_benefit_reviews")
TEXTS = [Text(**row) for row in FACTS["texts"]]


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
