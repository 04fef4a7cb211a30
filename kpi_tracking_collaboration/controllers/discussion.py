from odoo import http

from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.rows import verify_named
from odoo.addons.kpi_base.schemas.base import LATEST_FIRST

from ..schemas import discussion as schemas

DISCUSSIONS = Resource(
    "kpi.discussion",
    "/api/kpi/discussions",
    schemas.DiscussionOut,
    "kpi_id:discussion_id",
)


class KpiDiscussionApi(http.Controller):
    """Discussions: who sees a KPI sees what is said of it."""

    list_discussions = DISCUSSIONS.list(
        "Discussions", "kpi_id state discussion_type", sort=LATEST_FIRST
    )
    get_discussion = DISCUSSIONS.read("One discussion")

    @DISCUSSIONS.create(
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
        """With “If-Match” only if nobody has changed it since."""
        discussion._change(body.model_dump(exclude_unset=True, exclude_none=True))
