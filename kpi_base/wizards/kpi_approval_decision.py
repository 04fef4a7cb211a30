from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..actions import CLOSE, open_form, show_notification, ticked
from ..models.approval.kpi_approval_item import FIRST

ASKED, ITEM = "kpi.approval.step", "kpi.approval.item"
MAX_NAMED = 5  # documents of one dialog; the others are counted


class KpiApprovalSubjectMixin(models.AbstractModel):
    """A dialog that names the documents that it is about."""

    _name = "kpi.approval.subject.mixin"
    _description = "Documents of a Decision"

    subjects = fields.Text("Documents", compute="_compute_subjects")

    def _list_subjects(self):
        """What the user decides on by this dialog: (name, amount, submitter) each."""
        raise NotImplementedError(f"{self._name} has no _list_subjects")

    def _compute_subjects(self):
        """A line per document, so that nobody decides on another one."""
        for dialog in self:
            lines = []
            for name, amount, person in dialog._list_subjects():
                is_named = person and person in name
                texts = name, amount, "" if is_named else person
                lines.append(" · ".join(filter(None, texts)))
            if len(lines) > MAX_NAMED:
                more = self.env._("and %s more", len(lines) - MAX_NAMED)
                lines = [*lines[:MAX_NAMED], more]
            dialog.subjects = "\n".join(lines)


class KpiApprovalDelayMixin(models.AbstractModel):
    """A dialog that asks for the delay reason of late decisions, once for all."""

    _name = "kpi.approval.delay.mixin"
    _inherit = ["kpi.approval.subject.mixin"]
    _description = "Delay Reason Dialog"

    late_count = fields.Integer("Overdue", compute="_compute_late_count")
    delay_reason_id = fields.Many2one("kpi.approval.delay.reason")
    delay_note = fields.Text()

    def _find_late_steps(self):
        """Steps that the user decides on by this dialog, and too late."""
        raise NotImplementedError(f"{self._name} has no _find_late_steps")

    def _compute_late_count(self):
        reasons = self.env["kpi.approval.delay.reason"]
        for dialog in self:
            late = dialog._find_late_steps()
            dialog.late_count = len(late) if reasons._say_missing(bool(late)) else 0

    def _check_delay(self):
        """:raises ValidationError: a late decision without a delay reason"""
        if missing := self.delay_reason_id._say_missing(self.late_count):
            raise ValidationError(missing)

    def _explain_delay(self, records):
        """``records``, to be decided on with the delay reason of this dialog."""
        return self.delay_reason_id._explain_delay(records, self.delay_note or "")


class KpiApprovalDecision(models.TransientModel):
    """Decide on several documents at once; those it was not possible for are named."""

    _name = "kpi.approval.decision"
    _description = "Approval Decision"
    _inherit = ["kpi.approval.delay.mixin"]

    decision = fields.Selection(
        [
            ("approve", "Approve"),
            ("reject", "Reject"),
            ("return", "Send Back"),
            ("forward", "Forward"),
        ],
        required=True,
        default="approve",
    )
    step_ids = fields.Many2many(
        ASKED, string="Approvals", default=lambda self: self._find_ticked_steps()
    )
    item_ids = fields.Many2many(
        ITEM,
        string="Others",
        default=lambda self: ticked(ITEM)(self).filtered(lambda one: one.id >= FIRST),
        help="Records that can be decided without an approval request.",
    )
    step_count = fields.Integer("Number of Documents", compute="_compute_step_count")
    warning = fields.Text(compute="_compute_warning")
    comment = fields.Text()
    successor_id = fields.Many2one(
        "res.users", "Forward To", domain="[('share', '=', False), ('id', '!=', uid)]"
    )
    refusal_ids = fields.One2many(
        "kpi.approval.refusal", "decision_id", readonly=True, string="Not Decided"
    )
    result = fields.Char(readonly=True)

    def _find_ticked_steps(self):
        """Steps of the rows ticked; one that was decided on meanwhile is no row."""
        is_item = self.env.context.get("active_model") == ITEM
        own = self.with_context(active_model=ASKED) if is_item else self
        return ticked(ASKED)(own)

    @api.depends("step_ids", "item_ids")
    def _compute_subjects(self):
        return super()._compute_subjects()

    def _list_subjects(self):
        # Rows of both kinds know their document; who is asked may know who asks.
        return [
            (row.document_name, row.amount_text, row.sudo().submitter_id.name)
            for rows in (self.step_ids._origin, self.item_ids._origin)
            for row in rows
        ]

    @api.depends("step_ids", "item_ids")
    def _compute_step_count(self):
        for decision in self:
            decision.step_count = len(decision.step_ids) + len(decision.item_ids)

    @api.depends("decision", "item_ids")
    def _compute_warning(self):
        """What is lost for good by this decision."""
        self.warning = False
        for dialog in self.filtered(lambda one: one.decision == "reject"):
            documents = dialog.item_ids._find_seen_documents()
            said = {one._say_rejection() for each in documents for one in each}
            dialog.warning = "\n".join(sorted(said - {""}))

    def _find_late_steps(self):
        if self.decision == "forward":
            return self.step_ids.browse()
        return self.step_ids.filtered("is_late")

    def _decide_or_ask(self):
        """Decide, or open the dialog where a delay reason has to be chosen first."""
        if not self.late_count:
            return self.action_decide()
        actions = self.env["ir.actions.act_window"]
        action = actions._for_xml_id("kpi_base.kpi_approval_decision_action_approve")
        return {**action, "res_id": self.id}

    def action_decide(self):
        """Decide where it is possible; a window names the others, and why.

        :raises ValidationError: something that the decision needs is missing
        """
        self.ensure_one()
        self._check_delay()
        return self._decide_chosen()

    def _decide_chosen(self):
        """As above; a late decision needs no delay reason."""
        total = self.step_count
        if not total:
            raise ValidationError(self.env._("Choose what to decide on."))
        if self.decision == "forward" and not self.successor_id:
            raise ValidationError(self.env._("Choose a person to forward this to."))
        # What is decided on is not listed any more.
        items = self.item_ids
        names = {one: one.document_name or one.kind for one in items}
        refused = {}
        for chosen in filter(None, (self.step_ids, items)):
            if self.decision == "forward":
                refused |= chosen._forward(self.successor_id, self.comment or "")
            else:
                named = self._explain_delay(chosen)
                refused |= named._decide(self.decision, self.comment or "")
        count = total - len(refused)
        texts = {
            "approve": self.env._("Approved: %s", count),
            "reject": self.env._("Rejected: %s", count),
            "return": self.env._("Sent back: %s", count),
            "forward": self.env._("Forwarded: %s", count),
        }
        self.result = texts[self.decision]
        if not refused:
            return show_notification(self.result, next=CLOSE)
        self.refusal_ids = [
            fields.Command.create(
                {
                    "name": names.get(one) or one.document_name or one.kind,
                    "reason": reason,
                }
            )
            for one, reason in refused.items()
        ]
        view = self.env.ref("kpi_base.kpi_approval_decision_view_form_result")
        return open_form(
            self,
            name=self.env._("Some Not Decided"),
            views=[(view.id, "form")],
            target="new",
        )


class KpiApprovalRefusal(models.TransientModel):
    """A document that a decision was not possible for, and why."""

    _name = "kpi.approval.refusal"
    _description = "Document Not Decided"

    decision_id = fields.Many2one(
        "kpi.approval.decision", required=True, ondelete="cascade", index=True
    )
    name = fields.Char("Document", readonly=True)
    reason = fields.Char(readonly=True)
