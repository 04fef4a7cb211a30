from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

STATES = [
    ("none", "Not submitted"),
    ("pending", "Waiting for approval"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("returned", "Sent back"),
]


class KpiApprovalMixin(models.AbstractModel):
    """A document that people approve; as long as it waits its content stays as it is.

    The model names what is approved, and says what follows::

        class Order(models.Model):
            _name = "my.order"
            _inherit = ["kpi.approval.mixin"]

            def _approval_content(self):
                return {"amount": None, "line_ids": {"product_id": None, "price": None}}

            def _after_approval(self):
                self.filtered(lambda order: order.approval_state == "approved")._book()

    Then ``action_ask_approval`` asks those whom a ``kpi.approval.workflow`` for the
    model names, and ``action_approve``, ``action_reject`` … decide.
    """

    _name = "kpi.approval.mixin"
    _description = "Document to Approve"
    _inherit = ["kpi.approval.resolver", "kpi.timeline.mixin"]

    approval_state = fields.Selection(
        STATES,
        "Approval",
        required=True,
        readonly=True,
        default="none",
        copy=False,
        index=True,
    )
    approval_workflow_id = fields.Many2one(
        "kpi.approval.workflow", readonly=True, copy=False, ondelete="restrict"
    )
    approval_level = fields.Integer(readonly=True, copy=False, aggregator=None)
    approval_round = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        exportable=False,
        help="Number of times that it was submitted.",
    )
    approval_version = fields.Char(readonly=True, copy=False, exportable=False)
    approval_turn = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        exportable=False,
        help="Number of times that somebody acted on its approval.",
    )
    approval_asked_at = fields.Datetime("Submitted At", readonly=True, copy=False)
    approval_step_ids = fields.One2many(
        "kpi.approval.step",
        "res_id",
        string="Approval Steps",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
        copy=False,
    )
    can_decide = fields.Boolean(
        compute="_compute_can_decide", search="_search_can_decide", exportable=False
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("approval_state", "approval_turn")
    def _compute_can_decide(self):
        decidable = self.filtered_domain(self._get_decidable_domain())
        for document in self:
            document.can_decide = document in decidable

    def _search_can_decide(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_decidable_domain()
        return domain if True in value else ~domain

    @api.model
    def _get_decidable_domain(self):
        """Return the domain of the documents that the user is asked about now."""
        self.env["kpi.approval.step"].flush_model(
            ["res_model", "res_id", "user_id", "state", "company_id"]
        )
        asked = SQL(
            """
            (SELECT res_id
               FROM kpi_approval_step
              WHERE state = 'asked'
                AND user_id = %s
                AND res_model = %s
                AND (company_id IS NULL OR company_id = ANY(%s)))
            """,
            self.env.uid,
            self._name,
            self.env.companies.ids,
        )
        return Domain("id", "in", asked) & Domain("approval_state", "=", "pending")

    def _approval_content(self):
        """Name what is approved: field → None, or of lines a dict of their fields.

        Lines are those of one2many and many2many fields: as long as the document waits
        nobody changes them either.
        """
        raise NotImplementedError(
            f"{self._name} has no _approval_content: which fields are approved"
        )

    def _after_approval(self):
        """React to the end of the approval of these documents, by ``approval_state``.

        In the deciding transaction; what it writes to them goes by ``_write_pending``.
        """

    def _get_approval_submitters(self):
        # The steps say who did; a document shows that to whoever sees it.
        asked = self.sudo().filtered(lambda one: one.approval_state == "pending")
        known = {one.id: one.approval_step_ids[-1:].submitter_id for one in asked}
        nobody = self.env["res.users"]
        return {one: known.get(one.id, nobody) or self.env.user for one in self}

    def _get_approval_facts(self):
        """Pairs (label, text) on a document, for messages and pages to decide on."""
        return []

    def _get_approval_amounts(self):
        """Document → its number, for conditions and automatic approval; None = none."""
        return dict.fromkeys(self)

    def _get_last_approved_amounts(self):
        """Document → the number that a person approved last; None = none."""
        return dict.fromkeys(self)
