from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.controllers.prefix import RestPrefix
from odoo.addons.kpi_base.rest.delay import explain_delay
from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.rows import find_record, read_values
from odoo.addons.kpi_base.schemas.approval import ApprovalDecision
from odoo.addons.kpi_base.schemas.base import Filter, Id

from ..schemas import request as schemas

REQUESTS = Resource(
    "/api/tat/requests/<kpi_id:request_id>", schemas.RequestOut, scope="tat"
)
CAN_BE_EMPTY = ("amount", "department_id", "description")
CAN_BE_SUBMITTED = ("draft", "returned", "withdrawn")


class TatApi(RestPrefix, http.Controller, prefix="/api/tat", title="Requests API"):
    """The family of paths of requests and their clocks."""


class KpiTatRequestApi(http.Controller):
    """Requests: who sees one on the screens sees it here, and does the same to it."""

    get_request = REQUESTS.get("One request")

    @REQUESTS.list(
        "Requests",
        "status priority template_id initiator_id",
        sortable="status priority amount created_at approval_asked_at decided_at",
        department_id=Filter(
            "department_id", "child_of", Id, "With the departments below it"
        ),
        approver_id=Filter(
            "level_ids.approver_id", "=", Id, "Who is, was or will be asked"
        ),
        can_decide=Filter(
            "can_decide", "=", bool, "true: those that wait for the key's user"
        ),
        text=Filter(
            "display_name", "ilike", description="Part of the number or the subject"
        ),
    )
    def list_requests(self, query):
        """With “can_decide=true” those that wait for the key's user."""

    @REQUESTS.post(
        "Make a request",
        schemas.RequestIn,
        example={
            "subject": "Three laptops for the new team",
            "template_id": 1,
            "amount": 4200.0,
            "submit": True,
        },
    )
    def create_request(self, requests, body):
        """The key's user makes it: a draft, or submitted at once."""
        made = requests.create(read_values(body, requests, CAN_BE_EMPTY))
        if body.submit:
            made.action_submit()
        return made

    @REQUESTS.act(
        "",
        "Change a request that does not wait",
        schemas.RequestChange,
        method="PATCH",
        is_verified=False,
        example={"subject": "Four laptops for the new team"},
    )
    def change_request(self, found, body):
        """With “If-Match” only if it has not changed since."""
        _check_status(found, *CAN_BE_SUBMITTED)
        REQUESTS.verify_unchanged(found)
        found.write(read_values(body, found, CAN_BE_EMPTY))

    @REQUESTS.act("submit", "Submit a request", is_verified=False)
    def submit_request(self, found):
        """The first level is asked, and its clocks start."""
        _check_status(found, *CAN_BE_SUBMITTED)
        found.action_submit()

    @REQUESTS.part(
        "decide",
        "Approve, reject or send back a request",
        method="POST",
        body=ApprovalDecision,
        response=schemas.DecisionOut,
        example={"decision": "return", "comment": "Which model?"},
    )
    def decide_request(self, found, body):
        """A request that has changed since then is submitted again: “is_done” is false.
        “If-Match” names the version that was read."""
        _check_status(found, "pending")
        REQUESTS.verify_unchanged(found)
        is_late = bool(found._filter_late(found._find_own_steps()))
        explained = explain_delay(found, body, is_late)
        refused = explained._decide(body.decision, body.comment, is_strict=True)
        return {
            "is_done": found not in refused,
            "reason": refused.get(found),
            "request": REQUESTS.describe(found),
        }

    @REQUESTS.act(
        "reassign",
        "Forward a request to another approver",
        schemas.ReassignIn,
        is_verified=False,
        example={"user_id": 7, "comment": "You know the vendor."},
    )
    def reassign_request(self, found, body):
        """The new approver also takes over the elapsed time."""
        _check_status(found, "pending")
        find_record("res.users", body.user_id)
        found.action_forward(**body.model_dump())

    @REQUESTS.act(
        "hold",
        "Put a request on hold",
        schemas.HoldIn,
        is_verified=False,
        example={"reason": "Waiting for the vendor's offer"},
    )
    def hold_request(self, found, body):
        """No clock runs, and no decision is possible, until it is resumed."""
        _check_status(found, "pending")
        found.action_hold(body.reason, body.limit_at)

    @REQUESTS.act("resume", "Resume a request", is_verified=False)
    def resume_request(self, found):
        """The clocks continue."""
        _check_status(found, "on_hold")
        found.action_resume()

    @REQUESTS.act("withdraw", "Withdraw a request", is_verified=False)
    def withdraw_request(self, found):
        """Only the requester can; it can be submitted again."""
        _check_status(found, "pending", "on_hold")
        found.action_withdraw()

    @REQUESTS.act("close", "Close a request", is_verified=False)
    def close_request(self, found):
        """Puts away what was approved or rejected."""
        _check_status(found, "approved", "rejected")
        found.action_close()


DELAY_REASONS = Resource(
    "/api/tat/delay-reasons/<kpi_id:reason_id>", schemas.DelayReasonOut, scope="tat"
)


class KpiTatDelayReasonApi(http.Controller):
    """The reasons that a late decision can name."""

    get_delay_reason = DELAY_REASONS.get("One delay reason")

    @DELAY_REASONS.list("Delay reasons")
    def list_delay_reasons(self, query):
        """Those that can be chosen now."""


def _check_status(found, *statuses):
    """:raises Problem: it has another status"""
    if found.status not in statuses:
        raise Problem("conflict", found._say_status())


LEVELS = Resource("/api/tat/levels/<kpi_id:level_id>", schemas.LevelOut, scope="tat")


class KpiTatLevelApi(http.Controller):
    """Clocks, why they show what they show, and the reminders of them."""

    get_level = LEVELS.get("One clock")

    @LEVELS.list(
        "Levels and their clocks", "request_id approver_id clock decision tat_breached"
    )
    def list_levels(self, query):
        """A level has a clock for each person and attempt."""

    @LEVELS.part(
        "statement", "Clock statement of a level", response=schemas.StatementOut
    )
    def get_level_statement(self, level):
        """Every stretch of time, counted or why not: they add up to the clock."""
        return {"items": level.get_statement()}

    @LEVELS.part("alerts", "Reminders of a level", response=schemas.AlertsOut)
    def list_level_alerts(self, level):
        """All, in the order sent."""
        return _describe(level)

    @REQUESTS.part(
        "alerts",
        "Reminders of a request",
        query=schemas.AlertsQuery,
        response=schemas.AlertsOut,
    )
    def list_request_alerts(self, found, query):
        """All, or those of one level, in the order sent."""
        if query.level_id:
            levels = found.level_ids.filtered(lambda one: one.id == query.level_id)
            found = LEVELS.find(levels.id)
        return _describe(found)


def _describe(record):
    alerts = request.env["kpi.tat.alert"].search([("id", "in", record.alert_ids.ids)])
    return {"items": alerts._describe()}
