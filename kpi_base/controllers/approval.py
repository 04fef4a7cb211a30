import time

from odoo import SUPERUSER_ID, http
from odoo.exceptions import UserError
from odoo.http import request

from ..models.approval.kpi_approval_link import PATH, DecisionForm
from ..rest.delay import explain_delay
from ..rest.link_page import answer_template, answer_too_many, slow_down
from ..rest.problem import Problem
from ..rest.resource import Resource
from ..rest.rows import find_record
from ..schemas import approval as schemas
from ..schemas.base import Filter, Id

DECIDE, DIRECT = f"{PATH}/decide", f"{PATH}/direct"


class KpiApprovalPage(http.Controller):
    """The page that a message links to, on which its receiver decides.

    Mail programs and scanners open links, so that looking at it does nothing. Odoo
    calls these methods for OPTIONS, too: they ask for the method themselves.
    """

    @http.route(
        f"{PATH}/<kpi_any:text>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
    )
    def page(self, text):
        return self._answer(text, DecisionForm())

    @http.route(DECIDE, type="http", auth="user", methods=["POST"], sitemap=False)
    def decide(self, token="", decision="", comment="", delay_reason="", delay_note=""):
        """Decide after a login, by an ordinary form of Odoo."""
        form = DecisionForm(decision, comment, delay_reason, delay_note)
        return self._answer(token, form)

    @http.route(
        DIRECT,
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        sitemap=False,
    )
    def decide_directly(
        self, token="", decision="", comment="", delay_reason="", delay_note=""
    ):
        """Decide without a session, which could hold no token of Odoo: the text of the
        link in the body proves that the form was sent on purpose."""
        form = DecisionForm(decision, comment, delay_reason, delay_note)
        return self._answer(token, form, is_direct=True)

    def _answer(self, text, form, is_direct=False):
        started = time.monotonic()
        # A visitor has no user: the link says whose rights count.
        links = request.env["kpi.approval.link"].with_user(SUPERUSER_ID)
        link_id, wait = links._open_link(text, request.httprequest.remote_addr or "")
        if wait:
            return answer_too_many(wait)
        link = links.browse(link_id)
        if link and not link._is_direct():
            if is_direct or (request.session.uid not in (None, link.user_id.id)):
                link = links.browse()
            elif not request.session.uid:
                return request.redirect_query(
                    "/web/login", {"redirect": f"{PATH}/{text}"}
                )
        page, reason = None, ""
        if link:
            if form.decision and request.httprequest.method == "POST":
                reason = self._decide(link, form)
            page = link._describe_page(form, reason)
        if not page:
            slow_down(started)
        return self._render(link, page, text)

    def _decide(self, link, form):
        try:
            with request.env.cr.savepoint():
                return link._decide(form)
        except UserError as error:
            return str(error)

    def _render(self, link, page, text):
        lang = link.user_id.lang if page else request.best_lang
        values = {"page": page, "text": text, "action": DECIDE}
        if page and link._is_direct():
            values |= {"action": DIRECT, "csrf_token": False}
        return answer_template(
            "kpi_base.approval_page", values, lang or "en_US", 200 if page else 404
        )


def _find_own(step_id):
    """:raises Problem: it is another user's, of another company, or does not exist"""
    step = find_record(APPROVALS.model, step_id)
    if step.user_id != request.env.user:
        raise Problem("not-found")
    return step


APPROVALS = Resource(
    "/api/kpi/approvals/<kpi_id:approval_id>", schemas.ApprovalOut, find=_find_own
)
CHANGES = Resource("/api/kpi/changes/<kpi_id:change_id>", schemas.ChangeOut)


class KpiApprovalApi(http.Controller):
    """What the key's user is, was or will be asked to approve; nothing of others."""

    get_approval = APPROVALS.get("One approval")

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
        """A document that has changed since then is submitted again instead: “is_done”
        is false, and “reason” explains it."""
        _check_asked(step)
        explained = explain_delay(step, body, step.is_late)
        return _answer(step, explained._decide(body.decision, body.comment))

    @APPROVALS.part(
        "forward",
        "Forward an approval to another user",
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
    """Proposed changes that other systems sent, and their outcome."""

    get_change = CHANGES.get("One proposed change")

    @CHANGES.list("Proposed changes", "approval_state")
    def list_changes(self, query):
        """Those about records that the key may see."""


def _check_asked(step):
    """:raises Problem: it no longer waits
    :raises LockError: someone else decides on it at this moment"""
    step._hold()
    if step.state != "asked":
        raise Problem("conflict", step._say_why_closed())


def _answer(step, refused):
    return {
        "is_done": step not in refused,
        "reason": refused.get(step),
        "approval": APPROVALS.describe(step),
    }
