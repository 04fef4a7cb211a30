from odoo import http
from odoo.http import request

from ..rest.problem import Problem
from ..rest.route import route
from ..rest.rows import find_record, read_page, row
from ..schemas.approval import (
    ApprovalDecision,
    ApprovalForward,
    ApprovalQuery,
    ApprovalResultOut,
    ApprovalsQuery,
)

STEP = "kpi.approval.step"
PATH = "/api/kpi/approvals"
ONE = f"{PATH}/<kpi_id:approval_id>"


class KpiApprovalApi(http.Controller):
    """What the key's user is, was or will be asked to approve; nothing of others."""

    @route(PATH, summary="Approvals of the key's user", query=ApprovalsQuery)
    def list_approvals(self, query):
        """With “state=asked” those that wait now."""
        return read_page(STEP, query, [("user_id", "=", request.env.uid)])

    @route(ONE, summary="One approval", query=ApprovalQuery)
    def get_approval(self, approval_id, query):
        return row(_find_own(approval_id), query)

    @route(
        f"{ONE}/decide",
        methods=["POST"],
        summary="Approve, reject or send back",
        body=ApprovalDecision,
        response=ApprovalResultOut,
        example={"decision": "return", "comment": "The amount is missing."},
    )
    def decide_approval(self, approval_id, body):
        """A document that was changed meanwhile is submitted anew instead: “is_done”
        is false, and “reason” says so."""
        step = _find_asked(approval_id)
        return _answer(step, step._decide(body.decision, body.comment))

    @route(
        f"{ONE}/forward",
        methods=["POST"],
        summary="Have somebody else decide",
        body=ApprovalForward,
        response=ApprovalResultOut,
        example={"user_id": 7, "comment": "You know the customer."},
    )
    def forward_approval(self, approval_id, body):
        step = _find_asked(approval_id)
        successor = find_record("res.users", body.user_id)
        return _answer(step, step._forward(successor, body.comment))


def _find_own(step_id):
    """:raises Problem: it is somebody else's, or of another company, or not there"""
    step = find_record(STEP, step_id)
    if step.user_id != request.env.user:
        raise Problem("not-found")
    return step


def _find_asked(step_id):
    """:raises Problem: as ``_find_own``, or it does not wait any more
    :raises LockError: somebody else decides on it at this moment"""
    step = _find_own(step_id)
    step._hold()
    if step.state != "asked":
        raise Problem("conflict", step._say_why_closed())
    return step


def _answer(step, refused):
    return {
        "is_done": step not in refused,
        "reason": refused.get(step),
        "approval": row(step, ApprovalQuery()),
    }
