from odoo import http
from odoo.fields import Command
from odoo.http import request

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    describe_records,
    find_record,
    read_page,
    read_values,
    row,
    verify_unchanged,
)

from ..schemas.review import (
    FeedbackOut,
    FigureOut,
    LessonOut,
    RecommendationOut,
    ReviewChange,
    ReviewIn,
    ReviewQuery,
    ReviewsQuery,
    ReviewWhole,
)
from .initiative import CHANGE, CREATE, READ, WRITE
from .initiative import MODEL as INITIATIVE

MODEL = "kpi.post.implementation.review"
PATH = "/api/benefits/pirs"
ONE = f"{PATH}/<kpi_id:pir_id>"
NAMED = {"initiative_id": INITIATIVE, "reviewer_id": "res.users"}
LISTS = {"lessons_learned", "recommendations"}


class KpiReviewApi(http.Controller):
    """Reviews: who sees one on the screens sees it here, and does the same to it."""

    @route(
        PATH,
        **CREATE,
        summary="Begin a review",
        body=ReviewIn,
        response=ReviewWhole,
        example={
            "initiative_id": 1,
            "executive_summary": "Invoices are captured without paper.",
            "lessons_learned": [
                {"lesson": "Clean the suppliers first.", "category": "planning"}
            ],
        },
    )
    def create_review(self, body):
        """A draft; it is submitted by a request of its own."""
        reviews = request.env[MODEL]
        return _tell(reviews.create(_prepare(body, reviews)))

    @route(ONE, scope=READ, summary="One review", response=ReviewWhole)
    def get_review(self, pir_id):
        return _tell(find_record(MODEL, pir_id))

    @route(
        ONE,
        **CHANGE,
        summary="Change a draft",
        body=ReviewChange,
        response=ReviewWhole,
        example={"objectives_assessment": "Two of three were reached."},
    )
    def change_review(self, pir_id, body):
        """What the body does not name stays. With “If-Match” only if nobody has
        changed it since."""
        found = _find_draft(pir_id)
        verify_unchanged(found, answer=_tell(found))
        found.write(_prepare(body, found))
        return _tell(found)

    @route(
        f"{PATH}/initiative/<kpi_id:initiative_id>",
        scope=READ,
        summary="Reviews of an initiative",
        query=ReviewsQuery,
    )
    def list_reviews(self, initiative_id, query):
        """Its own; with “parts” also those of the initiatives below it."""
        initiative = find_record(INITIATIVE, initiative_id)
        return read_page(MODEL, query, initiative._get_list_domain(query.parts))

    @route(
        f"{ONE}/submit",
        methods=["POST"],
        scope=WRITE,
        summary="Submit a review",
        response=ReviewWhole,
    )
    def submit_review(self, pir_id):
        """Its figures are frozen, and its reviewer is asked."""
        found = _find_draft(pir_id)
        found.action_submit()
        return _tell(found)


def _find_draft(pir_id):
    """:raises Problem: none that the user may see, or it is no draft"""
    found = find_record(MODEL, pir_id)
    if found.status != "draft":
        raise Problem("conflict", found._say_status())
    return found


def _prepare(body, reviews):
    """Values to write, of a new review where there is none yet."""
    values = read_values(body, NAMED, without=LISTS, records=reviews)
    if body.lessons_learned is not None:
        rows = [_prepare_lesson(one) for one in body.lessons_learned]
        values["lesson_ids"] = _replace(reviews.lesson_ids, rows)
    if body.recommendations is not None:
        recommendations = request.env["kpi.review.recommendation"]
        rows = [
            read_values(one, {"responsible_id": "res.users"}, records=recommendations)
            for one in body.recommendations
        ]
        values["recommendation_ids"] = _replace(reviews.recommendation_ids, rows)
    return values


def _prepare_lesson(body):
    tags = request.env["kpi.lesson.tag"]._find_or_create(body.topics)
    return {
        "lesson": body.lesson,
        "category": body.category,
        "tag_ids": [Command.set(tags.ids)],
    }


def _replace(before, rows):
    removed = [Command.delete(each.id) for each in before]
    return [*removed, *map(Command.create, rows)]


def _tell(review):
    """The review with its parts, as far as the user may see them."""
    told = row(review, ReviewQuery())
    figures = describe_records(
        review._find_figures(), FigureOut, about="subject_name", value_now="shown_now"
    )
    for one in figures:
        one.value_now = one.value_now or None
    return ReviewWhole.model_construct(
        **dict(told),
        reviewer_note=review.reviewer_note or None,
        lessons_learned=[_tell_lesson(one) for one in review.lesson_ids],
        recommendations=describe_records(review.recommendation_ids, RecommendationOut),
        stakeholder_feedback=describe_records(review.feedback_ids, FeedbackOut),
        figures=figures,
    )


def _tell_lesson(lesson):
    return LessonOut.model_construct(
        id=lesson.id,
        lesson=lesson.lesson,
        category=lesson.category,
        topics=lesson.tag_ids.mapped("name"),
    )
