from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

from ...engine.link_token import token_hash
from ...formatting import format_moment

PATH = "/kpi/approval"
SCOPE = "kpi_approval_link"
VALID_DAYS = 30


@dataclass(frozen=True)
class DecisionForm:
    """The form of the page of a link, as it was sent; blank at first.

    :ivar delay_reason: id of a reason, as a text
    """

    decision: str = ""
    comment: str = ""
    delay_reason: str = ""
    delay_note: str = ""


class KpiApprovalLink(models.Model):
    """A link by which one person decides on one step, as long as nothing changed.

    Its text is computed with the secret of the database when a message is written, and
    stored nowhere: what is stored is its hash.
    """

    _name = "kpi.approval.link"
    _description = "Approval Link"
    _inherit = ["kpi.readonly.mixin", "kpi.link.mixin"]
    _rec_name = "step_id"
    _link_path = PATH
    _visits_per_minute = 60

    step_id = fields.Many2one(
        "kpi.approval.step", required=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", "Approver", required=True, readonly=True, ondelete="cascade"
    )
    content_version = fields.Char(required=True, readonly=True, exportable=False)
    spent_at = fields.Datetime("Used At", readonly=True)

    _step_uniq = models.UniqueIndex("(step_id, user_id)")

    @api.model
    def _make(self, steps):
        """Links for those who are asked, as far as their workflows allow any."""
        allowed = steps.filtered(
            lambda step: step.workflow_id.decision_links in ("login", "direct")
        )
        last_day = fields.Date.context_today(self) + timedelta(days=VALID_DAYS)
        self.create(
            [
                {
                    "step_id": step.id,
                    "user_id": step.user_id.id,
                    "content_version": step.content_version,
                    "expires_on": last_day,
                    "token_hash": token_hash(self._get_text(step)),
                }
                for step in allowed
            ]
        )

    @api.model
    def _get_text(self, step):
        """Text of the link of a step: 256 bits that only this database can compute."""
        # The secret of the database signs; nobody gets to see it.
        env = self.sudo().env
        return hmac(env, SCOPE, (step.id, step.user_id.id, step.content_version))

    def _is_open(self):
        """Check whether it is for somebody who is there, and a step that is theirs."""
        user, step = self.user_id, self.step_id
        mode = step.workflow_id.decision_links
        return (
            super()._is_open()
            and mode in ("login", "direct")
            and user.active
            and user._is_internal()
            and step.user_id == user
            and bool(step._get_documents())
        )

    def _get_document(self):
        """The document as the person of the link sees it; empty where they do not."""
        user = self.user_id
        (document,) = self.step_id._get_documents()
        # Less, not more: as the person whose link it is, in all their companies.
        own = document.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids, lang=user.lang, tz=user.tz
        )
        return own.sudo(False)._filtered_access("read")

    def _is_direct(self):
        """Check whether it decides without a login: up to the workflow's amount."""
        workflow = self.step_id.workflow_id
        if workflow.decision_links != "direct":
            return False
        document = self._get_document()
        amount = document._get_approval_amounts()[document] if document else None
        return amount is not None and abs(amount) <= workflow.direct_limit

    def _can_decide(self):
        step = self.step_id
        return (
            not self.spent_at
            and step.state == "asked"
            and step.content_version == self.content_version
        )

    def _decide(self, form):
        """Decide once, as the link is spent then; returns why nothing was decided.

        :param form: a ``DecisionForm``
        """
        document = self._get_document()
        if not self._can_decide() or document._say_hold():
            return ""  # the page says who decided, or why nobody can now
        reasons = self._get_delay_reasons(document)
        reason = reasons.filtered(lambda one: str(one.id) == form.delay_reason)
        if missing := reason._say_missing(self.step_id.is_late):
            return missing
        rows = self.env.execute_query(
            SQL(
                "UPDATE kpi_approval_link SET spent_at = %s"
                " WHERE id = %s AND spent_at IS NULL RETURNING id",
                fields.Datetime.now(),
                self.id,
            )
        )
        self.invalidate_recordset(["spent_at"])
        if not rows or not document:
            return ""  # as above
        document = document.with_context(approval_versions=[self.content_version])
        document = reason._explain_delay(document, form.delay_note)
        return document._decide(form.decision, form.comment).get(document, "")

    def _get_delay_reasons(self, document):
        """The reasons to choose from where the decision is late; else none."""
        reasons = document.env["kpi.approval.delay.reason"]
        return reasons.search_fetch([], ["name"]) if self.step_id.is_late else reasons

    def _describe_page(self, form, reason=""):
        """What the page shows, in the person's words; None where they see none.

        :param form: a ``DecisionForm``, which the page shows again
        :param reason: why nothing was decided
        """
        document = self._get_document()
        if not document:
            return None
        words = document.env
        step = self.step_id.with_env(words)
        line = step._prepare_line(document.display_name)
        is_open = self._can_decide()
        hold = document._say_hold() if is_open else ""
        return {
            "title": line.title,
            "facts": line.facts,
            "said": reason or (hold if is_open else self._say_end(document)),
            "can_decide": is_open and not hold,
            "form": form,
            "delay_reasons": [
                (str(one.id), one.name) for one in self._get_delay_reasons(document)
            ],
            "url": step._get_document_url(),
        }

    def _say_end(self, document):
        """Who decided what and when."""
        env = document.env
        decided = document._find_last_decision()
        if not decided:
            return env._("This link has been replaced. Open the document in Odoo.")
        states = dict(decided._fields["state"]._description_selection(env))
        return env._(
            "%(state)s by %(person)s, %(moment)s.",
            state=states[decided.state],
            person=decided.user_id.name,
            moment=format_moment(env, decided.decided_at),
        )
