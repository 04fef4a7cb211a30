from uuid import uuid4

from odoo import fields, models

from odoo.addons.kpi_base.fields import ExactMonetary

from .kpi_deal_property import ASSET_TYPES
from .kpi_deal_stage import PIPELINE_STAGES

DEAL_TYPES = [
    ("buy_side", "Buy side"),
    ("sell_side", "Sell side"),
    ("lease", "Lease"),
    ("management", "Management"),
    ("capital_raise", "Capital raise"),
    ("other", "Other"),
]
DEAL_STATUSES = [
    ("open", "Open"),
    ("closed_won", "Won"),
    ("closed_lost", "Lost"),
    ("cancelled", "Cancelled"),
]


class KpiDeal(models.Model):
    """An opportunity in any class of assets, from the first contact to its closing."""

    _name = "kpi.deal"
    _description = "Deal"
    _table = "agent_deals"
    _inherit = [
        "kpi.access.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "expected_close_date, id desc"
    _rec_name = "title"
    _kpi_measurable = True
    _check_company_auto = True

    uuid = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: str(uuid4()),
        help="Identifies the deal in other systems.",
    )
    title = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    project_id = fields.Many2one(
        "project.project", check_company=True, ondelete="restrict"
    )
    property_id = fields.Many2one(
        "kpi.deal.property",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Counterparty",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    agent_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        tracking=True,
    )
    team_id = fields.Many2one(
        "crm.team", "Sales Team", check_company=True, ondelete="restrict", index=True
    )
    asset_type = fields.Selection([*ASSET_TYPES, ("portfolio", "Portfolio")])
    deal_type = fields.Selection(DEAL_TYPES, required=True, default="other")
    pipeline_stage = fields.Selection(
        PIPELINE_STAGES,
        "Stage",
        required=True,
        default="lead_captured",
        copy=False,
        group_expand=True,
    )
    status = fields.Selection(
        DEAL_STATUSES, required=True, default="open", copy=False, readonly=True
    )
    lead_source = fields.Char()
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        ondelete="restrict",
    )
    estimated_value_currency = fields.Char(
        "Currency Code",
        related="currency_id.name",
        store=True,
        precompute=True,
        size=3,
        exportable=False,
    )
    estimated_value_amount = ExactMonetary(
        "Estimated Value", currency_field="currency_id"
    )
    expected_close_date = fields.Date("Expected Close")
    actual_close_date = fields.Date(
        "Closed On", copy=False, help="Set when the deal is won or lost."
    )
    confidence = fields.Float(
        digits=(4, 2),
        help=("The agent's estimate of how likely the deal is won, from 0 to 1."),
    )
    metadata = fields.Json(
        help="Data that other systems store with the deal.", exportable=False
    )
    lost_reason_id = fields.Many2one("crm.lost.reason", ondelete="restrict", copy=False)
    tag_ids = fields.Many2many("kpi.deal.tag", string="Tags")
    contact_ids = fields.One2many("kpi.deal.contact", "deal_id", "Contacts")
    document_ids = fields.One2many("kpi.deal.document", "deal_id", "Documents")
    split_ids = fields.One2many("kpi.deal.split", "deal_id", "Agent Shares")
    color = fields.Integer(exportable=False)

    _uuid_uniq = models.UniqueIndex("(uuid)", "A deal with this UUID already exists.")
    _agent_id_pipeline_stage_idx = models.Index("(agent_id, pipeline_stage)")
    _project_id_status_idx = models.Index("(project_id, status)")
    # Odoo rounds amounts of cents wrongly above two billions; PostgreSQL does not.
    _estimated_value_amount_check = models.Constraint(
        "CHECK (estimated_value_amount >= 0 AND estimated_value_amount < 1e12)",
        "The estimated value must be 0 or more and less than 1,000,000,000,000.",
    )
    _confidence_check = models.Constraint(
        "CHECK (confidence >= 0 AND confidence <= 1)",
        "The confidence must be between 0 % and 100 %.",
    )
