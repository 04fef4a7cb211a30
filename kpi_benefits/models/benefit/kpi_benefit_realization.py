from odoo import api, fields, models

from odoo.addons.kpi_base.models.approval.people import check_works_here

BENEFIT_TYPES = [
    ("cost_reduction", "Cost reduction"),
    ("revenue_increase", "Revenue increase"),
    ("efficiency_gain", "Efficiency gain"),
    ("risk_reduction", "Risk reduction"),
    ("quality_improvement", "Quality improvement"),
    ("customer_satisfaction", "Customer satisfaction"),
    ("compliance", "Compliance"),
    ("other", "Other"),
]


class KpiBenefitRealization(models.Model):
    """A benefit that an initiative is to bring, and what has come of it."""

    _name = "kpi.benefit.realization"
    _description = "Benefit"
    _table = "benefit_realizations"
    _inherit = [
        "kpi.access.mixin",
        "kpi.amount.mixin",
        "kpi.initiative.part.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "date_from, name, id"
    _kpi_measurable = True
    _mail_post_access = "read"
    _readable_by = (
        "owner_id",
        "initiative_id",
        "company_id",
        "baseline_id",
        "former_report_ids",
    )
    _editable_by = _readable_by

    active = fields.Boolean(default=True)
    name = fields.Char("Benefit", required=True, tracking=True)
    initiative_id = fields.Many2one(
        "kpi.initiative",
        required=True,
        index=True,
        ondelete="cascade",
        tracking=True,
        domain="[('is_editable_by_me', '=', True)]",
    )
    company_id = fields.Many2one(
        related="initiative_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    owner_id = fields.Many2one(
        "res.users",
        compute="_compute_owner_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Says what was realised.",
    )
    benefit_type = fields.Selection(
        BENEFIT_TYPES, "Type", required=True, default="cost_reduction", tracking=True
    )
    money_effect = fields.Selection(
        [
            ("cashable", "Cashable"),
            ("avoidance", "Cost avoided"),
            ("non_financial", "Non-financial"),
        ],
        required=True,
        default="cashable",
        tracking=True,
        help="Cashable: a budget can be cut, or revenue is booked. Cost avoided: a "
        "cost that would have come. Non-financial: worth something, but in no account.",
    )
    description = fields.Html()
    evidence = fields.Text(
        tracking=True,
        help="What proves the realised value: accounts, counts, documents.",
    )

    @api.depends("initiative_id")
    def _compute_owner_id(self):
        for benefit in self:
            if not benefit.owner_id:
                benefit.owner_id = benefit.initiative_id.owner_id

    @api.constrains("owner_id", "initiative_id")
    def _check_owner(self):
        for benefit in self:
            check_works_here(benefit, "owner_id", benefit.company_id)

    def _get_screen_url(self):
        return f"{self.get_base_url()}/odoo/benefits/{self.id}"
