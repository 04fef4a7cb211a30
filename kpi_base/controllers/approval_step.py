from odoo import http
from odoo.http import request

from ..rest.problem import Problem
from ..rest.resource import Resource
from ..rest.rows import find_record
from ..schemas import approval as schemas
from ..schemas.base import Filter, Id
from ..schemas.change import ChangeOut


def _find_own(step_id):
    """:raises Problem: it is somebody else's, or of another company, or not there"""
    step = find_record(APPROVALS.model, step_id)
    if step.user_id != request.env.user:
        raise Problem("not-found")
    return step


APPROVALS = Resource(
    "kpi.approval.step",
    "/api/kpi/approvals",
    schemas.ApprovalOut,
    "kpi_id:approval_id",
    find=_find_own,
)
CHANGES = Resource(
    "kpi.approval.change", "/api/kpi/changes", ChangeOut, "kpi_id:change_id"
)


class KpiApprovalApi(http.Controller):
    """What the key's user is, was or will be asked to approve; nothing of others."""

    get_approval = APPROVALS.read("One approval")

    @APPROVALS.list(
        "Approvals of the key's user",
        "submitter_id state",
        kind=Filter("res_model"),
        document_id=Filter("res_id", kind=Id),
    )
    def list_approvals(self, query):
        """With “state=asked” those that wait now."""
        return [("user_id", "=", request.env.uid)]

    @APPROVALS.part(
        "decide",
        "Approve, reject or send back",
        method="POST",
        body=schemas.ApprovalDecision,
        response=schemas.ApprovalResultOut,
        example={"decision": "return", "comment": "The amount is missing."},
    )
    def decide_approval(self, step, body):
        """A document that was changed meanwhile is submitted anew instead: “is_done”
        is false, and “reason” says so."""
        _check_asked(step)
        return _answer(step, step._decide(body.decision, body.comment))

    @APPROVALS.part(
        "forward",
        "Have somebody else decide",
        method="POST",
        body=schemas.ApprovalForward,
        response=schemas.ApprovalResultOut,
        example={"user_id": 7, "comment": "You know the customer."},
    )
    def forward_approval(self, step, body):
        _check_asked(step)
        successor = find_record("res.users", body.user_id)
        return _answer(step, step._forward(successor, body.comment))


class KpiChangeApi(http.Controller):
    """Proposed changes: what became of what another system sent."""

    get_change = CHANGES.read("One proposed change")

    @CHANGES.list("Proposed changes", "approval_state")
    def list_changes(self, query):
        """Those about records that the key may see."""


def _check_asked(step):
    """:raises Problem: it does not wait any more
    :raises LockError: somebody else decides on it at this moment"""
    step._hold()
    if step.state != "asked":
        raise Problem("conflict", step._say_why_closed())


def _answer(step, refused):
    return {
        "is_done": step not in refused,
        "reason": refused.get(step),
        "approval": APPROVALS.describe(step),
    }
