from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import rows
from odoo.addons.kpi_base.schemas.base import Day, Filter

from ..schemas import measurement as schemas

ENTRIES = Resource("/api/kpi/submissions/<kpi_id:submission_id>", schemas.SubmissionOut)
SUBMISSIONS = {
    "methods": ["POST"],
    "body": schemas.SubmissionsIn,
    "response": schemas.SubmissionsOut,
    "status": 201,
    "example": {
        "values": [
            {"code": "visits", "day": "2026-01-31", "value": 12, "note": "From the ERP"}
        ]
    },
}


def _submit_entries(body, submit):
    entries = request.env["kpi.report"]._submit_values(body.values, submit=submit)
    return {"items": rows(entries, ENTRIES.query())}


class KpiSubmissionApi(http.Controller):
    """Values that people enter: approvals and locks hold as on the screens."""

    @route("/api/kpi/submit", summary="Enter and submit values", **SUBMISSIONS)
    def submit(self, body):
        """All or none. Where approval is asked for, they wait for it."""
        return _submit_entries(body, submit=True)

    @route(ENTRIES.path, summary="Save values as drafts", **SUBMISSIONS)
    def create_submissions(self, body):
        return _submit_entries(body, submit=False)

    list_submissions = ENTRIES.list(
        "Entries",
        "report_id state is_current",
        sortable="period_start",
        first=Filter("period_start", ">=", Day),
        last=Filter("period_start", "<=", Day),
    )
    get_submission = ENTRIES.get("One entry")

    @ENTRIES.act("submit", "Submit a draft")
    def submit_submission(self, entry):
        entry.action_submit()

    @ENTRIES.act("approve", "Approve an entry")
    def approve_submission(self, entry):
        """Submitters cannot approve their own entries."""
        entry.action_approve()

    @ENTRIES.act(
        "reject",
        "Reject an entry",
        schemas.RejectionIn,
        example={"reason": "The branch in Lyon is missing"},
    )
    def reject_submission(self, entry, body):
        entry._decide_all("reject", body.reason)
