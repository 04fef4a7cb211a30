from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, read_page, row, verify_unchanged

from ..schemas.discussion import (
    DiscussionChange,
    DiscussionIn,
    DiscussionOut,
    DiscussionQuery,
    DiscussionsQuery,
)

MODEL = "kpi.discussion"
PATH = "/api/kpi/discussions"
ONE = f"{PATH}/<kpi_id:discussion_id>"


class KpiDiscussionApi(http.Controller):
    """Discussions: who sees a KPI sees what is said of it."""

    @route(PATH, summary="Discussions", query=DiscussionsQuery)
    def list_discussions(self, query):
        return read_page(MODEL, query)

    @route(ONE, summary="One discussion", query=DiscussionQuery)
    def get_discussion(self, discussion_id, query):
        return row(find_record(MODEL, discussion_id), query)

    @route(
        PATH,
        methods=["POST"],
        summary="Open a discussion",
        body=DiscussionIn,
        response=DiscussionOut,
        status=201,
        example={"kpi_id": 1, "name": "Why did orders fall in October?"},
    )
    def open_discussion(self, body):
        """The value of the period is remembered."""
        find_record("kpi.report", body.kpi_id)
        if body.alert_event_id:
            find_record("kpi.alert.event", body.alert_event_id)
        discussion = request.env[MODEL].create(body.model_dump(exclude_none=True))
        return row(discussion, DiscussionQuery())

    @route(
        ONE,
        methods=["PATCH"],
        summary="Change, close or reopen a discussion",
        body=DiscussionChange,
        response=DiscussionOut,
        example={"decision": "Call the ten largest customers", "state": "closed"},
    )
    def change_discussion(self, discussion_id, body):
        """With “If-Match” only if nobody has changed it since."""
        found = find_record(MODEL, discussion_id)
        discussion = verify_unchanged(found, DiscussionQuery())
        discussion._change(body.model_dump(exclude_unset=True, exclude_none=True))
        return row(discussion, DiscussionQuery())
