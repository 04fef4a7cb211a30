from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.kpi_base.fields import OptionalFloat

CATEGORIES = [
    ("financial", "Financial"),
    ("operational", "Operational"),
    ("customer", "Customer"),
    ("employee", "Employee"),
    ("strategic", "Strategic"),
]
# All that it shows numbers of: who may read it may read each of them.
REPORTS = ("report_id", "control_id", "adoption_id", "volume_id")
LARGEST = 1e15


def build_use_domain(report_ids):
    """Domain of the baselines that use one of these KPIs, as whichever of them."""
    return Domain.OR(Domain(name, "in", report_ids) for name in REPORTS)


class KpiBaseline(models.Model):
    """A KPI seen from an initiative: what it was before, and what it is to become.

    Initiatives share KPIs; each has its own baseline, target and share of one.
    """

    _name = "kpi.baseline"
    _description = "KPI of an Initiative"
    _table = "kpi_baselines"
    _inherit = [
        "kpi.access.mixin",
        "kpi.initiative.part.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
    ]
    _order = "initiative_id, name, id"
    _check_company_auto = True
    _mail_post_access = "read"
    _readable_by = ("company_id", "initiative_id", *REPORTS)
    _editable_by = ("company_id", "initiative_id", *REPORTS)

    active = fields.Boolean(default=True, tracking=True)
    initiative_id = fields.Many2one(
        "kpi.initiative",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('is_editable_by_me', '=', True)]",
    )
    company_id = fields.Many2one(
        related="initiative_id.company_id", store=True, precompute=True, index=True
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    report_id = fields.Many2one(
        "kpi.report",
        "KPI",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('company_id', '=', company_id)]",
    )
    name = fields.Char(
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
    )
    category = fields.Selection(
        CATEGORIES, required=True, default="operational", tracking=True
    )
    frequency = fields.Selection(related="report_id.frequency")
    direction = fields.Selection(related="report_id.direction")
    computation = fields.Selection(related="report_id.computation")
    unit = fields.Selection(related="report_id.unit")
    decimals = fields.Integer(related="report_id.decimals")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")
    currency_id = fields.Many2one(related="report_id.currency_id")

    target_value = OptionalFloat("Target", tracking=True, aggregator=False)
    original_target = OptionalFloat(
        readonly=True, copy=False, aggregator=False, help="The first one that was set."
    )
    is_target_moved = fields.Boolean(
        compute="_compute_is_target_moved", exportable=False
    )
    unit_value = OptionalFloat(
        "Value of One Unit",
        tracking=True,
        aggregator=False,
        help="Money that one unit of improvement is worth per month.",
    )
    control_id = fields.Many2one(
        "kpi.report",
        "Control KPI",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('company_id', '=', company_id)]",
        help="The same of a group without the initiative. Its change is taken off.",
    )
    adoption_id = fields.Many2one(
        "kpi.report",
        "Adoption KPI",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('company_id', '=', company_id)]",
        help="Share of those concerned who take part. It multiplies the improvement.",
    )
    volume_id = fields.Many2one(
        "kpi.report",
        "Volume KPI",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('company_id', '=', company_id)]",
        help="How often it happens, such as the number of invoices. It multiplies the "
        "improvement.",
    )

    _initiative_report_uniq = models.UniqueIndex(
        "(initiative_id, report_id, name)",
        "The initiative tracks this KPI under this name already.",
    )

    @api.depends("report_id")
    def _compute_name(self):
        for baseline in self:
            baseline.name = baseline.name or baseline.report_id.definition_id.name

    @api.depends("target_value", "original_target")
    def _compute_is_target_moved(self):
        for baseline in self:
            first, now = baseline.original_target, baseline.target_value
            baseline.is_target_moved = first is not False and first != now

    @api.constrains("baseline_value", "target_value", "unit_value", "control_baseline")
    def _check_size(self):
        """Refuse numbers that nothing is counted in: products of them have no end."""
        for baseline in self:
            for name in (
                "baseline_value",
                "target_value",
                "unit_value",
                "control_baseline",
            ):
                if abs(baseline[name] or 0.0) > LARGEST:
                    raise ValidationError(
                        self.env._(
                            "%(kpi)s, %(field)s: use a number up to 10¹⁵.",
                            kpi=baseline.name,
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    @api.constrains(*REPORTS)
    def _check_different(self):
        for baseline in self:
            if baseline.report_id in baseline.control_id:
                raise ValidationError(
                    self.env._(
                        "%s cannot be its own control. Choose the KPI of another "
                        "group.",
                        baseline.name,
                    )
                )

    @api.constrains("active")
    def _check_archived(self):
        for baseline in self.filtered(lambda one: not one.active):
            if baseline.benefit_ids:
                raise ValidationError(
                    self.env._(
                        "%s measures a benefit and stays. Measure that in another way "
                        "first.",
                        baseline.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        baselines = super().create(vals_list)
        baselines._check_given_readable()
        baselines._remember_target()
        baselines._freeze()
        baselines._claim_rest()
        return baselines

    def write(self, vals):
        self._check_same_initiative(vals)
        self._check_same_report(vals)
        if "control_id" in vals and "control_baseline" not in vals:
            # What another KPI was is not what this one was.
            vals = {**vals, "control_baseline": False}
        self._remember_replaced(vals)
        result = super().write(vals)
        if "frozen_at" in vals:
            return result  # written by ``_freeze`` itself
        self._check_given_readable([name for name in REPORTS if vals.get(name)])
        self._remember_target()
        self._freeze_changed(vals)
        self._claim_changed(vals)
        self._measure_changed_baselines(vals)
        return result

    def _check_same_initiative(self, vals):
        """Refuse to take a KPI, and what it measures, to another initiative."""
        for baseline in self:
            known = baseline.initiative_id.id
            if vals.get("initiative_id", known) != known:
                raise UserError(
                    self.env._(
                        "%s stays with its initiative. Track the KPI there as well.",
                        baseline.name,
                    )
                )

    def _check_same_report(self, vals):
        """Refuse another KPI: readers of that one would see what was of this one."""
        for baseline in self:
            if vals.get("report_id", baseline.report_id.id) != baseline.report_id.id:
                raise UserError(
                    self.env._(
                        "%s stays what is tracked here. Track the other KPI as well.",
                        baseline.report_id.name,
                    )
                )

    def _remember_replaced(self, vals):
        """Have benefits note which KPIs they are not worked out from any more."""
        for baseline in self:
            for name in REPORTS:
                report = baseline[name]
                if report and vals.get(name, report.id) != report.id:
                    # Archived ones as well; nothing of them is shown.
                    everything = baseline.sudo().with_context(active_test=False)
                    everything.benefit_ids._remember_reports(report)

    def _check_given_readable(self, names=REPORTS):
        """Refuse KPIs that the user may not read, as their values would show here."""
        for name in names:
            # The field is the baseline's; the right to what it names is the user's.
            self.sudo()[name].with_env(self.env).check_access("read")

    def _get_used_reports(self):
        """All KPIs that these show numbers of."""
        return self.env["kpi.report"].union(*(self[name] for name in REPORTS))

    def _remember_target(self):
        for baseline in self:
            if baseline.original_target is False and baseline.target_value is not False:
                # Nobody sets this by hand.
                baseline.sudo().original_target = baseline.target_value

    @api.ondelete(at_uninstall=False)
    def _unlink_except_measuring(self):
        for baseline in self.filtered("benefit_ids"):
            raise UserError(
                self.env._(
                    "%s measures a benefit. Measure that in another way first.",
                    baseline.name,
                )
            )

    def _get_screen_url(self):
        return f"{self.get_base_url()}/odoo/tracked-kpis/{self.id}"
