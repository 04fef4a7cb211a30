from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    find_record,
    read_page,
    row,
    rows,
    verify_unchanged,
)

from ..schemas.submission import (
    RejectionIn,
    SubmissionOut,
    SubmissionQuery,
    SubmissionsIn,
    SubmissionsOut,
    SubmissionsQuery,
)

MODEL = "kpi.submission"
PATH = "/api/kpi/submissions"
ONE = f"{PATH}/<kpi_id:submission_id>"
EXAMPLE = {
    "values": [
        {"code": "visits", "day": "2026-01-31", "value": 12, "note": "From the ERP"}
    ]
}


def _submit_entries(body, submit):
    entries = request.env["kpi.report"]._submit_values(body.values, submit=submit)
    return {"items": rows(entries, SubmissionQuery())}


class KpiSubmissionApi(http.Controller):
    """Values that people enter: approvals and locks hold as on the screens."""

    @route(
        "/api/kpi/submit",
        methods=["POST"],
        summary="Enter and submit values",
        body=SubmissionsIn,
        response=SubmissionsOut,
        status=201,
        example=EXAMPLE,
    )
    def submit(self, body):
        """All or none. Where approval is asked for, they wait for it."""
        return _submit_entries(body, submit=True)

    @route(
        PATH,
        methods=["POST"],
        summary="Save values as drafts",
        body=SubmissionsIn,
        response=SubmissionsOut,
        status=201,
        example=EXAMPLE,
    )
    def create_submissions(self, body):
        return _submit_entries(body, submit=False)

    @route(PATH, summary="Entries", query=SubmissionsQuery)
    def list_submissions(self, query):
        return read_page(MODEL, query)

    @route(ONE, summary="One entry", query=SubmissionQuery)
    def get_submission(self, submission_id, query):
        return row(find_record(MODEL, submission_id), query)

    @route(
        f"{ONE}/submit",
        methods=["POST"],
        summary="Submit a draft",
        response=SubmissionOut,
    )
    def submit_submission(self, submission_id):
        entry = verify_unchanged(find_record(MODEL, submission_id), SubmissionQuery())
        entry.action_submit()
        return row(entry, SubmissionQuery())

    @route(
        f"{ONE}/approve",
        methods=["POST"],
        summary="Approve an entry",
        response=SubmissionOut,
    )
    def approve_submission(self, submission_id):
        """Nobody approves what they entered."""
        entry = verify_unchanged(find_record(MODEL, submission_id), SubmissionQuery())
        entry.action_approve()
        return row(entry, SubmissionQuery())

    @route(
        f"{ONE}/reject",
        methods=["POST"],
        summary="Reject an entry",
        body=RejectionIn,
        response=SubmissionOut,
        example={"reason": "The branch in Lyon is missing"},
    )
    def reject_submission(self, submission_id, body):
        entry = verify_unchanged(find_record(MODEL, submission_id), SubmissionQuery())
        entry._reject(body.reason)
        return row(entry, SubmissionQuery())
