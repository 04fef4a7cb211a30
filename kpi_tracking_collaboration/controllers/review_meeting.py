from datetime import timezone

from odoo import http

from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.rows import find_record

from ..schemas import review_meeting as schemas

MEETINGS = Resource(
    "kpi.review.meeting", "/api/kpi/reviews", schemas.MeetingOut, "kpi_id:meeting_id"
)
AGENDA = Resource(
    "kpi.review.meeting.line", f"{MEETINGS.one}/agenda", schemas.AgendaItemOut
)


class KpiReviewMeetingApi(http.Controller):
    """Review meetings: who sees a scorecard sees its meetings."""

    list_meetings = MEETINGS.list(
        "Review meetings", "group_id state", sortable="starts_at"
    )
    get_meeting = MEETINGS.read("One review meeting")

    @AGENDA.list("Agenda of a review meeting")
    def list_agenda(self, meeting_id, query):
        """What is about KPIs that the key's user may see."""
        return [("meeting_id", "=", MEETINGS.find(meeting_id).id)]

    @MEETINGS.create(
        "Plan a review meeting",
        schemas.MeetingIn,
        example={
            "group_id": 1,
            "name": "Review of March",
            "starts_at": "2027-04-05T09:00:00Z",
        },
    )
    def plan_meeting(self, meetings, body):
        """The key's user organises it; those who take part are invited."""
        find_record("kpi.report.group", body.group_id)
        return meetings._plan(
            body.model_dump(exclude={"has_agenda", "starts_at"}),
            body.starts_at.astimezone(timezone.utc).replace(tzinfo=None),
            has_agenda=body.has_agenda,
        )

    @MEETINGS.act(
        "minutes",
        "Write and send minutes",
        schemas.MinutesIn,
        example={"minutes": "We met."},
    )
    def write_minutes(self, meeting, body):
        """With “If-Match” only if nobody has changed the meeting since."""
        meeting._note_minutes(body.minutes, is_sent=body.is_sent)
