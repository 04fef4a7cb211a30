from odoo import http

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.rows import find_record, read_values, verify_named
from odoo.addons.kpi_base.schemas.base import LATEST_FIRST

from ..schemas import collaboration as schemas

ACTIONS = Resource("/api/kpi/actions/<kpi_id:action_id>", schemas.ActionOut)
ABOUT = ("alert_event_id", "discussion_id", "report_id")
UNSET = ("due_date", "expected_by", "expected_effect")  # can be taken away


class KpiActionApi(http.Controller):
    """Actions: who sees a KPI sees what is done about it."""

    list_actions = ACTIONS.list(
        "Actions",
        "report_id discussion_id assigned_to status is_overdue",
        sortable="due_date status",
    )
    get_action = ACTIONS.get("One action")

    @ACTIONS.part(
        "effect", "What has changed since an action", response=schemas.EffectOut
    )
    def get_action_effect(self, item):
        """Once it is completed."""
        return item._get_effect()

    @ACTIONS.post(
        "Add an action",
        schemas.ActionIn,
        example={
            "report_id": 1,
            "description": "Call the ten largest customers",
            "due_date": "2027-01-15",
        },
    )
    def add_action(self, items, body):
        """Assigned to the key's user by default."""
        values = read_values(body, items, UNSET)
        if values.keys().isdisjoint(ABOUT):
            raise Problem("invalid", "Say which KPI it is about.")
        return items.create(values)

    @ACTIONS.change(
        "Change an action", schemas.ActionChange, example={"status": "completed"}
    )
    def change_action(self, item, body):
        """With “If-Match” only if it has not changed since."""
        item.write(read_values(body, item, UNSET))


DISCUSSIONS = Resource(
    "/api/kpi/discussions/<kpi_id:discussion_id>", schemas.DiscussionOut
)


class KpiDiscussionApi(http.Controller):
    """Discussions: who sees a KPI sees what is said of it."""

    list_discussions = DISCUSSIONS.list(
        "Discussions",
        "kpi_id state discussion_type",
        sortable="state period_start",
        sort=LATEST_FIRST,
    )
    get_discussion = DISCUSSIONS.get("One discussion")

    @DISCUSSIONS.post(
        "Open a discussion",
        schemas.DiscussionIn,
        example={"kpi_id": 1, "name": "Why did orders fall in October?"},
    )
    def open_discussion(self, discussions, body):
        """The value of the period is remembered."""
        values = body.model_dump(exclude_none=True)
        verify_named(values, discussions)
        return discussions.create(values)

    @DISCUSSIONS.change(
        "Change, close or reopen a discussion",
        schemas.DiscussionChange,
        example={"decision": "Call the ten largest customers", "state": "closed"},
    )
    def change_discussion(self, discussion, body):
        """With “If-Match” only if it has not changed since."""
        discussion._change(body.model_dump(exclude_unset=True, exclude_none=True))


COACHINGS = Resource(
    "/api/kpi/coachings/<kpi_id:coaching_id>",
    schemas.CoachingOut,
    is_confidential=True,
)


class KpiCoachingApi(http.Controller):
    """Coachings: the two people, and HR managers, see here what they see on screens."""

    list_coachings = COACHINGS.list(
        "Coachings", "state coaching_type", sortable="next_review_date state"
    )
    get_coaching = COACHINGS.get("One coaching")

    @COACHINGS.act(
        "answer",
        "Answer a coaching",
        schemas.CoachingAnswerIn,
        example={"employee_response": "I call the ten largest customers first."},
    )
    def answer_coaching(self, coaching, body):
        """By the employee, until signed; only the coaching itself notifies the two.
        With “If-Match” only if it has not changed since."""
        coaching.write(body.model_dump())


MEETINGS = Resource("/api/kpi/reviews/<kpi_id:meeting_id>", schemas.MeetingOut)
AGENDA = Resource(
    f"{MEETINGS.one}/agenda", schemas.AgendaItemOut, within=(MEETINGS, "meeting_id")
)


class KpiReviewMeetingApi(http.Controller):
    """Review meetings: who sees a scorecard sees its meetings."""

    list_meetings = MEETINGS.list(
        "Review meetings", "group_id state", sortable="starts_at state"
    )
    get_meeting = MEETINGS.get("One review meeting")

    @AGENDA.list("Agenda of a review meeting")
    def list_agenda(self, query):
        """What is about KPIs that the key's user may see."""

    @MEETINGS.post(
        "Plan a review meeting",
        schemas.MeetingIn,
        example={
            "group_id": 1,
            "name": "Review of March",
            "starts_at": "2027-04-05T09:00:00Z",
        },
    )
    def plan_meeting(self, meetings, body):
        """The key's user organizes it; participants are invited."""
        find_record("kpi.report.group", body.group_id)
        return meetings._plan(
            body.model_dump(exclude={"has_agenda", "starts_at"}),
            body.starts_at,
            has_agenda=body.has_agenda,
        )

    @MEETINGS.act(
        "minutes",
        "Write and send minutes",
        schemas.MinutesIn,
        example={"minutes": "We met."},
    )
    def write_minutes(self, meeting, body):
        """With “If-Match” only if the meeting has not changed since."""
        meeting._note_minutes(body.minutes, is_sent=body.is_sent)
