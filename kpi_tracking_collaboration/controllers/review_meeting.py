from datetime import timezone

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, read_page, row, verify_unchanged

from ..schemas.review_meeting import (
    AgendaQuery,
    MeetingIn,
    MeetingOut,
    MeetingQuery,
    MeetingsQuery,
    MinutesIn,
)

MODEL = "kpi.review.meeting"
PATH = "/api/kpi/reviews"
ONE = f"{PATH}/<kpi_id:meeting_id>"


class KpiReviewMeetingApi(http.Controller):
    """Review meetings: who sees a scorecard sees its meetings."""

    @route(PATH, summary="Review meetings", query=MeetingsQuery)
    def list_meetings(self, query):
        return read_page(MODEL, query)

    @route(ONE, summary="One review meeting", query=MeetingQuery)
    def get_meeting(self, meeting_id, query):
        return row(find_record(MODEL, meeting_id), query)

    @route(f"{ONE}/agenda", summary="Agenda of a review meeting", query=AgendaQuery)
    def list_agenda(self, meeting_id, query):
        """What is about KPIs that the key's user may see."""
        meeting = find_record(MODEL, meeting_id)
        return read_page(f"{MODEL}.line", query, [("meeting_id", "=", meeting.id)])

    @route(
        PATH,
        methods=["POST"],
        summary="Plan a review meeting",
        body=MeetingIn,
        response=MeetingOut,
        status=201,
        example={
            "group_id": 1,
            "name": "Review of March",
            "starts_at": "2027-04-05T09:00:00Z",
        },
    )
    def plan_meeting(self, body):
        """The key's user organises it; those who take part are invited."""
        find_record("kpi.report.group", body.group_id)
        meeting = request.env[MODEL]._plan(
            body.model_dump(exclude={"has_agenda", "starts_at"}),
            body.starts_at.astimezone(timezone.utc).replace(tzinfo=None),
            has_agenda=body.has_agenda,
        )
        return row(meeting, MeetingQuery())

    @route(
        f"{ONE}/minutes",
        methods=["POST"],
        summary="Write and send minutes",
        body=MinutesIn,
        response=MeetingOut,
        example={"minutes": "We met."},
    )
    def write_minutes(self, meeting_id, body):
        """With “If-Match” only if nobody has changed the meeting since."""
        meeting = verify_unchanged(find_record(MODEL, meeting_id), MeetingQuery())
        meeting._note_minutes(body.minutes, is_sent=body.is_sent)
        return row(meeting, MeetingQuery())
