from odoo import http
from odoo.fields import Command

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.rows import describe_records, read_values, row
from odoo.addons.kpi_base.schemas.base import Filter

from ..schemas import review as schemas
from ..schemas.initiative import PARTS
from .initiative import INITIATIVES, OF_INITIATIVE, BenefitResource


def _describe(review):
    """The review with its parts, as far as the user may see them."""
    figures = describe_records(
        review._find_figures(),
        schemas.FigureOut,
        about="subject_name",
        value_now="shown_now",
    )
    for one in figures:
        one.value_now = one.value_now or None
    return schemas.ReviewWhole.model_construct(
        **dict(row(review, REVIEWS.query())),
        reviewer_note=review.reviewer_note or None,
        lessons_learned=[
            schemas.LessonOut.model_construct(
                id=lesson.id,
                lesson=lesson.lesson,
                category=lesson.category,
                topics=lesson.tag_ids.mapped("name"),
            )
            for lesson in review.lesson_ids
        ],
        recommendations=describe_records(
            review.recommendation_ids, schemas.RecommendationOut
        ),
        stakeholder_feedback=describe_records(review.feedback_ids, schemas.FeedbackOut),
        figures=figures,
    )


REVIEWS = BenefitResource(
    "/api/benefits/pirs/<kpi_id:pir_id>",
    schemas.ReviewOut,
    describe=_describe,
    whole=schemas.ReviewWhole,
)


class KpiReviewApi(http.Controller):
    """Reviews: who sees one on the screens sees it here, and does the same to it."""

    @REVIEWS.post(
        "Begin a review",
        schemas.ReviewIn,
        example={
            "initiative_id": 1,
            "executive_summary": "Invoices are captured without paper.",
            "lessons_learned": [
                {"lesson": "Clean the vendors first.", "category": "planning"}
            ],
        },
    )
    def create_review(self, reviews, body):
        """A draft; a separate request submits it."""
        return reviews.create(_prepare(body, reviews))

    @REVIEWS.part("", "One review", response=schemas.ReviewWhole)
    def get_review(self, review):
        return _describe(review)

    @REVIEWS.act(
        "",
        "Change a draft",
        schemas.ReviewChange,
        method="PUT",
        is_verified=False,
        example={"objectives_assessment": "Two of three were reached."},
    )
    def change_review(self, review, body):
        """What the body does not name stays. With “If-Match” only if it has not
        changed since."""
        _check_status(review, "draft")
        REVIEWS.verify_unchanged(review)
        review.write(_prepare(body, review))

    @REVIEWS.list(
        "Reviews of an initiative",
        "status reviewer_id",
        sortable="review_date status published_at",
        path=f"{REVIEWS.path}/{OF_INITIATIVE}",
        parts=PARTS,
        can_decide=Filter(
            "can_decide", "=", bool, "true: those that wait for the key's user"
        ),
        text=Filter(
            "display_name", "ilike", description="Part of the number or the title"
        ),
    )
    def list_reviews(self, initiative_id, query):
        """Its own; with “parts” also those of the initiatives below it."""
        return INITIATIVES.find(initiative_id)._get_list_domain(query.parts)

    @REVIEWS.act("submit", "Submit a review", is_verified=False)
    def submit_review(self, review):
        """Its figures are frozen, and its reviewer is asked."""
        _check_status(review, "draft")
        review.action_submit()

    @REVIEWS.act("publish", "Publish an approved review")
    def publish_review(self, review):
        """It no longer changes, and its lessons are offered to other initiatives. With
        “If-Match” only if it has not changed since."""
        _check_status(review, "approved")
        review.action_publish()

    @REVIEWS.act(
        "feedback",
        "Give feedback on an initiative",
        schemas.FeedbackIn,
        is_verified=False,
        status=201,
        example={"rating": 4, "role": "Head of accounting", "comment": "Less paper."},
    )
    def give_feedback(self, review, body):
        """In the name of the key's user, once, until the review is approved. Those who
        own the initiative give none; stakeholders without a login get links."""
        review.feedback_ids._give(review, **body.model_dump())


def _check_status(review, status):
    """:raises Problem: the review has another status"""
    if review.status != status:
        raise Problem("conflict", review._say_status())


def _prepare(body, reviews):
    """Values to write, of a new review where there is none yet."""
    values = read_values(body, reviews)
    if body.lessons_learned is not None:
        tags = reviews.env["kpi.lesson.tag"]
        rows = [
            {
                "lesson": one.lesson,
                "category": one.category,
                "tag_ids": [Command.set(tags._find_or_create(one.topics).ids)],
            }
            for one in body.lessons_learned
        ]
        values["lesson_ids"] = _replace(reviews.lesson_ids, rows)
    if body.recommendations is not None:
        known = reviews.recommendation_ids
        rows = [read_values(one, known.browse()) for one in body.recommendations]
        values["recommendation_ids"] = _replace(known, rows)
    return values


def _replace(before, rows):
    removed = [Command.delete(each.id) for each in before]
    return [*removed, *map(Command.create, rows)]
