from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.kpi_base.fields import KnownFloat
from odoo.addons.kpi_base.roles import OFFICER

from ..definition.kpi_zones_mixin import BANDS

SCOPES = [
    ("company", "Company"),
    ("department", "Department"),
    ("team", "Team"),
    ("user", "User"),
]
WIDEST = {scope_type: place for place, (scope_type, _label) in enumerate(SCOPES)}
SCOPE_MODELS = {
    "company": "res.company",
    "department": "hr.department",
    "team": "kpi.team",
    "user": "res.users",
}
JUDGED = ("off_target", "at_risk", "on_target")
STATUSES = [
    ("off_target", "Off track"),
    ("at_risk", "At risk"),
    ("on_target", "On track"),
    ("no_target", "No target"),
    ("no_data", "No data"),
]


class KpiReport(models.Model):
    """A KPI tracked for one company, department, team or user.

    The current value, achievement and status are stored on the record, so that lists
    sort and group by them; ``_refresh_current`` fills them from the facts.
    """

    _name = "kpi.report"
    _description = "KPI"
    _inherit = ["kpi.readonly.mixin", "kpi.thread.mixin", "mail.activity.mixin"]
    _order = "distance_percent desc, id"
    _check_company_auto = True
    _rec_names_search = ["name", "definition_id"]

    name = fields.Char(compute="_compute_name", store=True, precompute=True)
    active = fields.Boolean(default=True, tracking=True)
    is_retired = fields.Boolean(
        "Archived by Rule",
        readonly=True,
        copy=False,
        help="Archived by a tracking rule. Restored when the rule applies again.",
        exportable=False,
    )
    definition_id = fields.Many2one(
        "kpi.definition", "KPI", required=True, ondelete="restrict", index=True
    )
    category_id = fields.Many2one(related="definition_id.category_id", store=True)
    code = fields.Char(related="definition_id.code")
    computation = fields.Selection(related="definition_id.computation", store=True)
    description = fields.Html(related="definition_id.description")
    unit = fields.Selection(related="definition_id.unit")
    decimals = fields.Integer(related="definition_id.decimals")
    direction = fields.Selection(related="definition_id.direction")
    frequency = fields.Selection(related="definition_id.frequency", store=True)
    currency_id = fields.Many2one(related="definition_id.currency_id")
    tag_ids = fields.Many2many(related="definition_id.tag_ids")

    scope_type = fields.Selection(
        SCOPES, "Tracked For", required=True, default="company", tracking=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    department_id = fields.Many2one(
        "hr.department", index="btree_not_null", check_company=True, ondelete="restrict"
    )
    team_id = fields.Many2one(
        "kpi.team", index="btree_not_null", check_company=True, ondelete="restrict"
    )
    user_id = fields.Many2one("res.users", index="btree_not_null", ondelete="restrict")
    scope_id = fields.Integer(
        compute="_compute_scope_id",
        store=True,
        precompute=True,
        help="ID of the company, department, team or user the KPI is tracked for.",
        exportable=False,
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        compute="_compute_owner_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        tracking=True,
    )
    tracking_rule_ids = fields.Many2many(
        "kpi.tracking.rule",
        "kpi_tracking_rule_report_rel",
        "report_id",
        "rule_id",
        "Tracking Rules",
        readonly=True,
        copy=False,
        groups=OFFICER,
    )
    shared_user_ids = fields.Many2many(
        "res.users", "kpi_report_shared_user_rel", string="Shared With"
    )

    target_ids = fields.One2many("kpi.target", "report_id", "Targets")
    target_value_ids = fields.One2many(
        "kpi.target.value", "report_id", "Status History"
    )
    measurement_ids = fields.One2many("kpi.measurement", "report_id", "Values")

    current_value = KnownFloat(
        readonly=True, aggregator=False, copy=False, known=lambda kpi: kpi.has_value
    )
    current_period_start = fields.Date("Period", readonly=True, copy=False)
    current_period_stop = fields.Date(
        "Period End", readonly=True, copy=False, exportable=False
    )
    previous_value = KnownFloat(
        readonly=True, aggregator=False, copy=False, known=lambda kpi: kpi.has_previous
    )
    has_value = fields.Boolean(readonly=True, copy=False, exportable=False)
    has_previous = fields.Boolean(
        "Has Previous Value", readonly=True, copy=False, exportable=False
    )
    target_value = KnownFloat(
        "Target",
        readonly=True,
        aggregator=False,
        copy=False,
        known=lambda kpi: kpi.status in JUDGED and kpi.direction != "range",
    )
    achievement = KnownFloat(
        "Achievement (%)",
        readonly=True,
        aggregator="avg",
        copy=False,
        known=lambda kpi: kpi.status in JUDGED,
    )
    distance_percent = fields.Float(
        "Distance to Target (%)",
        readonly=True,
        aggregator=False,
        copy=False,
        default=-1.0,
        help="Distance to the target. 0 = reached; -1 without a value or target.",
        exportable=False,
    )
    status = fields.Selection(
        STATUSES,
        readonly=True,
        copy=False,
        default="no_data",
        index=True,
        group_expand=True,
    )
    band = fields.Selection(
        BANDS,
        "Rating",
        readonly=True,
        copy=False,
        help="Only for KPIs with five zones.",
    )
    is_stretch_reached = fields.Boolean("Stretch Reached", readonly=True, copy=False)
    last_measured_at = fields.Datetime("Last Update", readonly=True, copy=False)
    unpriced_count = fields.Integer(
        "No Exchange Rate",
        readonly=True,
        copy=False,
        help="Records in a currency without an exchange rate on their date. "
        "They are counted here but not included in the value.",
    )
    computation_error = fields.Char(
        "Reason for Missing Value", readonly=True, copy=False
    )
    is_running = fields.Boolean(compute="_compute_is_running")

    _scope_uniq = models.UniqueIndex(
        "(definition_id, scope_type, scope_id, company_id)",
        "This KPI is already tracked for this company, department, team or user.",
    )
    _definition_scope_idx = models.Index("(definition_id, scope_type, scope_id)")

    @api.depends(
        "definition_id.name",
        "scope_type",
        "company_id.name",
        "department_id.name",
        "team_id.name",
        "user_id.name",
    )
    def _compute_name(self):
        for report in self:
            if not report.definition_id:
                report.name = False
                continue
            scope = report._scope_record()
            # The name of a scope is part of the KPI's, for whoever sees the KPI.
            parts = (report.definition_id.name, scope.sudo().display_name)
            report.name = " – ".join(part for part in parts if part)

    @api.depends("scope_type", "company_id", "department_id", "team_id", "user_id")
    def _compute_scope_id(self):
        for report in self:
            report.scope_id = report._scope_record().id

    @api.depends("definition_id.owner_id", "user_id")
    def _compute_owner_id(self):
        for report in self:
            report.owner_id = (
                report.owner_id or report.user_id or report.definition_id.owner_id
            )

    @api.depends("current_period_stop")
    def _compute_is_running(self):
        for report in self:
            stop = report.current_period_stop
            today = report.definition_id.calendar_id._today() if stop else None
            report.is_running = bool(stop and today < stop)

    @api.onchange("user_id", "scope_type")
    def _onchange_scope(self):
        for scope_type, _label in SCOPES[1:]:
            if scope_type != self.scope_type:
                self[f"{scope_type}_id"] = False

    def _scope_record(self):
        """The company, department, team or user that the KPI is tracked for."""
        self.ensure_one()
        return self[f"{self.scope_type or 'company'}_id"]

    @api.constrains("scope_type", "department_id", "team_id", "user_id")
    def _check_scope(self):
        labels = dict(self._fields["scope_type"]._description_selection(self.env))
        for report in self:
            if not report._scope_record():
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: choose the %(scope)s it is tracked for.",
                        kpi=report.definition_id.name,
                        scope=labels[report.scope_type].lower(),
                    )
                )

    @api.constrains("definition_id", "scope_type")
    def _check_records_lead_to_scope(self):
        for report in self:
            report.definition_id._check_leads_to(report.scope_type)

    @api.constrains("company_id", "definition_id")
    def _check_definition_company(self):
        self.definition_id._claim_company()
        for report in self:
            company = report.definition_id.company_id
            if company and company != report.company_id:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s belongs to %(company)s and cannot be tracked for"
                        " %(other)s.",
                        kpi=report.definition_id.name,
                        company=company.name,
                        other=report.company_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals.setdefault("company_id", self._default_company(vals).id)
        reports = super().create(vals_list)
        reports._mark_formulas_stale()
        return reports

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals:
            # From now on it is as a person wanted it, whatever a rule did before.
            self.filtered("is_retired").sudo().is_retired = False
            self._mark_formulas_stale()
        return result

    def unlink(self):
        self._mark_formulas_stale()
        return super().unlink()

    def _mark_formulas_stale(self):
        """Have formulas evaluated that are tracked here, or add up what is."""
        # Who tracks a KPI need not be allowed to change it.
        tracked = self.sudo().definition_id
        formulas = tracked.filtered(lambda kpi: kpi.computation == "formula")
        (formulas | tracked._formula_users())._mark_all_stale()

    @api.model
    def _default_company(self, vals):
        """The company of the scope or the definition before that of the user."""
        for name in ("department_id", "team_id", "definition_id"):
            if vals.get(name):
                company = self.env[self._fields[name].comodel_name].browse(vals[name])
                # Only the company of the scope; creating the KPI checks the rights.
                company = company.sudo().company_id
                if company:
                    return company
        return self.env.company

    @api.ondelete(at_uninstall=False)
    def _unlink_except_measured(self):
        # Any value counts, also those that the officer may not see.
        measured = (
            self.env["kpi.measurement"]
            .sudo()
            .search([("report_id", "in", self.ids)], limit=1)
        )
        # As above.
        revised = (
            self.env["kpi.measurement.revision"]
            .sudo()
            .search([("report_id", "in", self.ids)], limit=1)
        )
        with_values = measured.report_id or revised.report_id
        if with_values:
            raise UserError(
                self.env._(
                    "%s has values and cannot be deleted. Archive it instead to "
                    "preserve its history.",
                    with_values.display_name,
                )
            )

    def _facts(self, grain=None):
        """Domain of the facts of these reports in ``grain`` (default: their own)."""
        self.ensure_one()
        return Domain("report_id", "=", self.id) & Domain(
            "grain", "=", grain or self.definition_id.frequency
        )
