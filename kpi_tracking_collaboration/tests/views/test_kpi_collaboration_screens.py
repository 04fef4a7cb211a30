from odoo import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_tracking.tests.views.axe_case import AxeMixin
from odoo.addons.kpi_tracking.tests.views.screen_visits import ScreenVisits

from ..models.collaboration_case import CollaborationCase

START = ("/odoo/kpi-discussions", ".o_list_view .o_data_row")
LISTS = (  # action, view, what is drawn there
    ("kpi_discussion_action", "list", ".o_list_view .o_data_row"),
    ("kpi_discussion_action", "kanban", ".o_kanban_record"),
    ("kpi_action_item_action", "list", ".o_list_view .o_data_row"),
    ("kpi_action_item_action", "kanban", ".o_kanban_record"),
    ("kpi_review_meeting_action", "list", ".o_list_view .o_data_row"),
    ("kpi_review_meeting_action", "kanban", ".o_kanban_record"),
)


@tagged("post_install", "-at_install")
class TestKpiCollaborationScreens(ScreenVisits, AxeMixin, CollaborationCase, HttpCase):
    """Screens of discussions, actions and meetings open, and axe-core finds nothing."""

    addon = "kpi_tracking_collaboration"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.discussion = cls._discuss()
        own = {"allowed_company_ids": cls.company.ids}
        officer = cls.env(user=cls.officer.id, context={**cls.env.context, **own})
        actions = officer["kpi.action.item"]
        cls.item, cls.done = actions.create(
            [
                {
                    "description": "Call",
                    "discussion_id": cls.discussion.id,
                    "due_date": "2026-03-01",
                },
                {
                    "description": "Ask",
                    "discussion_id": cls.discussion.id,
                    "status": "completed",
                },
            ]
        )
        scorecard = cls.env["kpi.report.group"].create(
            {
                "name": "Board",
                "company_id": cls.company.id,
                "line_ids": [Command.create({"report_id": cls.revenue.id})],
            }
        )
        meetings = officer["kpi.review.meeting"]
        cls.meeting = meetings.create({"name": "March", "group_id": scorecard.id})
        cls.meeting.action_fill_agenda()

    def _forms(self):
        return (
            self._form(self.discussion, ".o_form_view [name=action_items] .o_data_row"),
            self._form(self.item, "button[name=action_complete]"),
            self._form(self.done, ".o_form_view .alert-info"),
            self._form(self.meeting, ".o_form_view [name=line_ids] .o_data_row"),
            self._form(self.revenue, ".o_kpi_band"),
        )

    def test_minutes_are_sent_after_their_receivers_were_shown(self):
        reader = self.user
        reader.name = "Reader of minutes"
        self.meeting.group_id.sudo().member_ids |= reader
        self.meeting.participant_ids = reader
        self.meeting.action_hold()
        self.start_tour(
            f"/odoo/kpi-reviews/{self.meeting.id}",
            "kpi_tracking_collaboration.send_minutes",
            login="officer",
        )
        self.assertTrue(self.meeting.minutes_sent_at)

    def test_lists_and_forms(self):
        self._visit((*LISTS, *self._forms()), "officer", *START)

    def test_lists_and_forms_in_dark(self):
        self._darken()
        self._visit((*LISTS, *self._forms()), "officer", *START)

    def test_from_right_to_left(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.officer.lang = "ar_001"
        self._visit((*LISTS, *self._forms()), "officer", *START)
