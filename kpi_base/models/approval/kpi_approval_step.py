from odoo import api, fields, models

# What became of a person's part; those that are left can decide.
STATES = [
    ("later", "Asked later"),
    ("asked", "Waiting"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("returned", "Sent back"),
    ("forwarded", "Forwarded"),
    ("replaced", "Replaced"),
    ("closed", "Not needed any more"),
]


class KpiApprovalStep(models.Model):
    """One person who is, was or will be asked about one document.

    The rows are made when the document is handed in and hold all that deciding needs:
    a workflow that is changed meanwhile changes nothing for it.
    """

    _name = "kpi.approval.step"
    _description = "Approval Step"
    _inherit = ["kpi.readonly.mixin"]
    _order = "id"
    _rec_name = "user_id"

    res_model = fields.Char("Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Document ID", model_field="res_model", required=True, readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    workflow_id = fields.Many2one(
        "kpi.approval.workflow", readonly=True, ondelete="restrict", index=True
    )
    submitter_id = fields.Many2one(
        "res.users", "Submitted By", required=True, readonly=True, ondelete="restrict"
    )
    round = fields.Integer(
        required=True, readonly=True, aggregator=None, exportable=False
    )
    document_name = fields.Char(
        "Document", compute="_compute_document_name", search="_search_document_name"
    )
    level = fields.Integer(required=True, readonly=True, aggregator=None)
    seat = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        exportable=False,
        help="People on the same seat decide for one another.",
    )
    needed_count = fields.Integer(
        "Approvals Needed", required=True, readonly=True, aggregator=None
    )
    user_id = fields.Many2one(
        "res.users", "Approver", required=True, readonly=True, ondelete="restrict"
    )
    for_user_id = fields.Many2one(
        "res.users",
        "In Place Of",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    reason = fields.Selection(
        [
            ("named", "By the workflow"),
            ("delegated", "Deputy"),
            ("absent", "In place of somebody who is away"),
            ("next_up", "Nobody else can approve"),
            ("forwarded", "Forwarded"),
            ("escalated", "Manager, after the timeout"),
        ],
        "Asked As",
        required=True,
        readonly=True,
        default="named",
    )
    state = fields.Selection(
        STATES, "Status", required=True, readonly=True, default="later"
    )
    content_version = fields.Char(required=True, readonly=True, exportable=False)
    timeout_hours = fields.Integer(readonly=True, aggregator=None)
    asked_at = fields.Datetime(readonly=True)
    due_at = fields.Datetime("Escalates At", readonly=True)
    escalated_at = fields.Datetime(readonly=True)
    decided_at = fields.Datetime(readonly=True)
    comment = fields.Text(readonly=True)

    # “My approvals”, and whether somebody may decide on a document
    _asked_idx = models.Index("(user_id, res_model, res_id) WHERE state = 'asked'")
    _queue_idx = models.Index("(user_id, asked_at, id) WHERE state = 'asked'")
    _document_idx = models.Index("(res_model, res_id)")
    _due_idx = models.Index(
        "(due_at) WHERE state = 'asked' AND escalated_at IS NULL AND due_at IS NOT NULL"
    )

    @api.depends_context("uid", "lang")
    @api.depends("res_model", "res_id")
    def _compute_document_name(self):
        """Name the documents that the user may see, by a few statements a model."""
        names = {
            (one._name, one.id): one.display_name
            for documents in self._find_seen_documents()
            for one in documents
        }
        for step in self:
            step.document_name = names.get((step.res_model, step.res_id), "")

    def _get_documents(self):
        """The documents of these steps that are there: recordsets, one a model."""
        mixin = self.env.registry["kpi.approval.mixin"]
        named = [
            self.env[model].browse(steps.mapped("res_id"))
            for model, steps in self.grouped("res_model").items()
            if model in self.env and isinstance(self.env[model], mixin)
        ]
        return [found for documents in named if (found := documents.exists())]
