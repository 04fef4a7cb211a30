from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.controllers.prefix import RestPrefix
from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    find_record,
    read_page,
    read_values,
    row,
    verify_unchanged,
)

from ..schemas.request import (
    DecisionIn,
    DecisionOut,
    HoldIn,
    ReassignIn,
    RequestChange,
    RequestIn,
    RequestOut,
    RequestQuery,
    RequestsQuery,
)

MODEL = "kpi.tat.request"
PATH = "/api/tat/requests"
ONE = f"{PATH}/<kpi_id:request_id>"
READ, WRITE = "tat.read", "tat.write"
NAMED = {  # what a body names by id
    "department_id": "hr.department",
    "template_id": "kpi.approval.workflow",
}
CAN_BE_EMPTY = ("amount", "department_id", "description")
CAN_BE_SUBMITTED = ("draft", "returned", "withdrawn")


class TatApi(RestPrefix, http.Controller, prefix="/api/tat", title="Requests API"):
    """The family of paths of requests and their clocks."""


class KpiTatRequestApi(http.Controller):
    """Requests: who sees one on the screens sees it here, and does the same to it."""

    @route(PATH, scope=READ, summary="Requests", query=RequestsQuery)
    def list_requests(self, query):
        """With “can_decide=true” those that wait for the key's user."""
        return read_page(MODEL, query)

    @route(ONE, scope=READ, summary="One request", query=RequestQuery)
    def get_request(self, request_id, query):
        return row(find_record(MODEL, request_id), query)

    @route(
        PATH,
        methods=["POST"],
        scope=WRITE,
        summary="Make a request",
        body=RequestIn,
        response=RequestOut,
        status=201,
        example={
            "subject": "Three laptops for the new team",
            "template_id": 1,
            "amount": 4200.0,
            "submit": True,
        },
    )
    def create_request(self, body):
        """The key's user makes it: a draft, or submitted at once."""
        made = request.env[MODEL].create(_prepare(body, without={"submit"}))
        if body.submit:
            made.action_submit()
        return row(made, RequestQuery())

    @route(
        ONE,
        methods=["PATCH"],
        scope=WRITE,
        summary="Change a request that does not wait",
        body=RequestChange,
        response=RequestOut,
        example={"subject": "Four laptops for the new team"},
    )
    def change_request(self, request_id, body):
        """With “If-Match” only if nobody has changed it since."""
        found = _find(request_id, CAN_BE_SUBMITTED)
        verify_unchanged(found, RequestQuery())
        found.write(_prepare(body))
        return row(found, RequestQuery())

    @route(
        f"{ONE}/submit",
        methods=["POST"],
        scope=WRITE,
        summary="Submit a request",
        response=RequestOut,
    )
    def submit_request(self, request_id):
        """The first level is asked, and its clocks start."""
        found = _find(request_id, CAN_BE_SUBMITTED)
        found.action_submit()
        return row(found, RequestQuery())

    @route(
        f"{ONE}/decide",
        methods=["POST"],
        scope=WRITE,
        summary="Approve, reject or send back a request",
        body=DecisionIn,
        response=DecisionOut,
        example={"decision": "return", "comment": "Which model?"},
    )
    def decide_request(self, request_id, body):
        """A request that was changed meanwhile is submitted anew instead: “is_done”
        is false, and “reason” says so."""
        found = _find(request_id, ("pending",))
        refused = found._decide(body.decision, body.comment, is_strict=True)
        return {
            "is_done": found not in refused,
            "reason": refused.get(found),
            "request": row(found, RequestQuery()),
        }

    @route(
        f"{ONE}/reassign",
        methods=["POST"],
        scope=WRITE,
        summary="Have somebody else decide on a request",
        body=ReassignIn,
        response=RequestOut,
        example={"user_id": 7, "comment": "You know the supplier."},
    )
    def reassign_request(self, request_id, body):
        """Whoever takes over also takes over the time that has elapsed."""
        found = _find(request_id, ("pending",))
        find_record("res.users", body.user_id)
        found.action_forward(**body.model_dump())
        return row(found, RequestQuery())

    @route(
        f"{ONE}/hold",
        methods=["POST"],
        scope=WRITE,
        summary="Put a request on hold",
        body=HoldIn,
        response=RequestOut,
        example={"reason": "Waiting for the offer of the supplier"},
    )
    def hold_request(self, request_id, body):
        """No clock counts, and nobody decides, until it is resumed."""
        found = _find(request_id, ("pending",))
        found.action_hold(body.reason, body.limit)
        return row(found, RequestQuery())

    @route(
        f"{ONE}/resume",
        methods=["POST"],
        scope=WRITE,
        summary="Resume a request",
        response=RequestOut,
    )
    def resume_request(self, request_id):
        """The clocks go on where they were."""
        found = _find(request_id, ("on_hold",))
        found.action_resume()
        return row(found, RequestQuery())

    @route(
        f"{ONE}/withdraw",
        methods=["POST"],
        scope=WRITE,
        summary="Withdraw a request",
        response=RequestOut,
    )
    def withdraw_request(self, request_id):
        """Whoever made it can; it may be submitted again."""
        found = _find(request_id, ("pending", "on_hold"))
        found.action_withdraw()
        return row(found, RequestQuery())

    @route(
        f"{ONE}/close",
        methods=["POST"],
        scope=WRITE,
        summary="Close a request",
        response=RequestOut,
    )
    def close_request(self, request_id):
        """Puts away what was approved or rejected."""
        found = _find(request_id, ("approved", "rejected"))
        found.action_close()
        return row(found, RequestQuery())


def _find(request_id, statuses):
    """:raises Problem: none that the user may see, or it has another status"""
    found = find_record(MODEL, request_id)
    if found.status not in statuses:
        raise Problem("conflict", found._say_status())
    return found


def _prepare(body, without=frozenset()):
    """Values to write; null takes an amount or a department away."""
    return read_values(body, NAMED, without=without, can_be_empty=CAN_BE_EMPTY)
