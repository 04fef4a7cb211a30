from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...engine.shortfall import suggest_severity

SEVERITIES = [
    ("low", "Low"),
    ("medium", "Medium"),
    ("high", "High"),
    ("critical", "Critical"),
]
KINDS = [
    ("shortfall", "Shortfall"),
    ("decay", "Decay"),
    ("delay", "Delay"),
    ("silence", "No values reported"),
    ("expired_assumption", "Assumption failed or expired"),
    ("double_claim", "Claimed twice"),
    ("cost_overrun", "Cost overrun"),
    ("adoption_stall", "Adoption stalls"),
    ("other", "Other"),
]
# A cost is no benefit, and of what is claimed twice too much is realised: neither is
# a part of what is missing.
NOT_MISSING = ("cost_overrun", "double_claim")


class KpiValueLeakage(models.Model):
    """Value that an initiative was to bring and that is lost on the way.

    It explains a part of the gap between plan and realised values, and is no loss
    beside that gap.
    """

    _name = "kpi.value.leakage"
    _description = "Value Leakage"
    _table = "value_leakages"
    _inherit = [
        "kpi.access.mixin",
        "kpi.amount.mixin",
        "kpi.dated.mixin",
        "kpi.initiative.part.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "create_date desc, id desc"
    _kpi_measurable = True
    _mail_post_access = "read"
    _readable_by = ("benefit_id", "initiative_id", "company_id")
    _editable_by = ("benefit_id", "initiative_id", "company_id")

    active = fields.Boolean(default=True)
    name = fields.Char("Leakage", required=True, tracking=True)
    benefit_id = fields.Many2one(
        "kpi.benefit.realization",
        index="btree_not_null",
        ondelete="cascade",
        tracking=True,
        help="Empty: all benefits of the initiative.",
    )
    initiative_id = fields.Many2one(
        "kpi.initiative",
        compute="_compute_initiative_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        index=True,
        ondelete="cascade",
        tracking=True,
    )
    company_id = fields.Many2one(
        related="initiative_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(KINDS, required=True, default="other", tracking=True)
    severity = fields.Selection(
        SEVERITIES,
        compute="_compute_severity",
        store=True,
        readonly=False,
        required=True,
        index=True,
        tracking=True,
    )
    suggested_severity = fields.Selection(
        SEVERITIES,
        compute="_compute_suggested_severity",
        exportable=False,
        help="By its impact as a share of the planned benefits, of the planned cost "
        "where an initiative costs too much: medium from 2 %, high from 10 %, critical "
        "from 25 %.",
    )
    estimated_impact = fields.Monetary(
        tracking=True,
        help="Value lost in all, from its beginning until it is resolved.",
    )
    recovered_amount = fields.Monetary(
        "Recovered", copy=False, tracking=True, help="Of the impact."
    )
    recovery_note = fields.Char(
        "Why More Was Recovered",
        copy=False,
        help="Needed where more was recovered than was lost.",
    )
    lost_value = fields.Monetary(
        "Still Lost",
        compute="_compute_lost_value",
        store=True,
        help="The impact less what was recovered.",
    )
    evidence = fields.Text(tracking=True, help="What shows that value is lost.")
    root_cause = fields.Text(tracking=True)
    mitigation_plan = fields.Text(tracking=True)
    action_items = fields.Many2many(
        "kpi.action.item",
        "kpi_value_leakage_action_rel",
        "leakage_id",
        "action_id",
        "Actions",
        copy=False,
    )

    _impact_positive = models.Constraint(
        "CHECK (estimated_impact >= 0)", "The impact of a leakage is 0 or more."
    )
    _recovered_positive = models.Constraint(
        "CHECK (recovered_amount >= 0)", "What was recovered is 0 or more."
    )

    @api.depends("benefit_id.initiative_id")
    def _compute_initiative_id(self):
        for leakage in self:
            benefit = leakage.benefit_id
            leakage.initiative_id = benefit.initiative_id or leakage.initiative_id

    @api.depends("estimated_impact", "benefit_id", "initiative_id", "kind")
    def _compute_severity(self):
        """Follow the suggestion until it is stored; people decide from then on."""
        for leakage in self:
            if not leakage.severity or not leakage._origin:
                leakage.severity = leakage._suggest_severity()

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(
        "estimated_impact",
        "kind",
        "benefit_id.expected_value",
        "initiative_id.expected_value",
        "initiative_id.program_planned_cost",
    )
    def _compute_suggested_severity(self):
        for leakage in self:
            leakage.suggested_severity = leakage._suggest_severity()

    @api.depends("estimated_impact", "recovered_amount")
    def _compute_lost_value(self):
        for leakage in self:
            lost = leakage.estimated_impact - leakage.recovered_amount
            leakage.lost_value = max(lost, 0.0)

    @api.constrains("benefit_id", "initiative_id")
    def _check_benefit(self):
        for leakage in self:
            benefit = leakage.benefit_id
            if benefit and benefit.initiative_id != leakage.initiative_id:
                raise ValidationError(
                    self.env._(
                        "%s: the benefit belongs to another initiative.", leakage.name
                    )
                )

    @api.constrains("estimated_impact", "recovered_amount", "recovery_note")
    def _check_recovered_amount(self):
        for leakage in self:
            more = leakage.recovered_amount - max(leakage.estimated_impact, 0.0)
            is_more = leakage.currency_id.compare_amounts(more, 0.0) > 0
            if is_more and not (leakage.recovery_note or "").strip():
                raise ValidationError(
                    self.env._(
                        "%s: more was recovered than was lost. Say why.", leakage.name
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_new_status(vals_list)
        leakages = super().create([self._complete(vals) for vals in vals_list])
        leakages._check_actions(self.env["kpi.action.item"])
        return leakages

    def write(self, vals):
        self._check_new_place(vals)
        self._check_next_status(vals)
        # What is linked is looked at, not shown.
        known = self.sudo().action_items if "action_items" in vals else None
        result = super().write(vals)
        if known is not None:
            self._check_actions(known)
        if "status" in vals:
            self._note_end()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_looked_at(self):
        self._check_deletable()

    @api.model
    def _complete(self, vals):
        """Values with the initiative of the benefit and a severity.

        Odoo would compute these after it stored the row, which needs them.
        """
        # A list opened from a benefit says which one it is by its context.
        names = ("benefit_id", "initiative_id", "estimated_impact", "kind")
        vals = {**self.default_get(names), **vals}
        benefit = self.benefit_id.browse(vals.get("benefit_id") or ())
        benefit.check_access("write")
        # Owners of benefits need not see the initiative.
        benefit = benefit.sudo()
        initiative = self.initiative_id.browse(vals.get("initiative_id") or ())
        # As above; whether it may be changed is asked of the new row.
        initiative = initiative.sudo() or benefit.initiative_id
        impact = float(vals.get("estimated_impact") or 0.0)
        planned = _get_planned(benefit, initiative, vals.get("kind"))
        return {
            "severity": suggest_severity(impact, planned),
            **vals,
            "initiative_id": initiative.id,
        }

    def _add_up_losses(self):
        """What these explain of benefits that are missing."""
        missing = self.filtered(lambda one: one.active and one.kind not in NOT_MISSING)
        return sum(missing.mapped("lost_value"))

    def _suggest_severity(self):
        planned = _get_planned(self.benefit_id, self.initiative_id, self.kind)
        return suggest_severity(self.estimated_impact, planned)

    def _check_new_place(self, vals):
        """Refuse to move leakages to what the user may not change.

        Those of a benefit that a KPI measures tell what it was: they stay with it.
        """
        for leakage in self if "benefit_id" in vals else ():
            benefit = leakage.benefit_id
            # That a KPI measures it is no secret to who changes the leakage.
            own = benefit.sudo()
            is_measured = own.baseline_id or own.former_report_ids
            if is_measured and benefit.id != vals["benefit_id"]:
                raise UserError(
                    self.env._(
                        "%(leakage)s stays with %(benefit)s, which a KPI measures: "
                        "more people would read it elsewhere. Report another one.",
                        leakage=leakage.name,
                        benefit=benefit.display_name,
                    )
                )
        for name in ("benefit_id", "initiative_id"):
            if vals.get(name):
                new = self[name].browse(vals[name])
                if any(one[name] != new for one in self):
                    new.check_access("write")
        if "benefit_id" in vals and not vals["benefit_id"]:
            # Without a benefit it is a matter of those who change the initiative.
            self.filtered("benefit_id").initiative_id.check_access("write")

    def _check_actions(self, known):
        """Refuse to add actions that the user may not see.

        :param known: those that were there before, which others may have added
        """
        # What is linked is looked at; the right to it is the user's.
        added = self.sudo().action_items - known
        added.with_env(self.env).check_access("read")

    def _get_screen_url(self):
        return f"{self.get_base_url()}/odoo/leakages/{self.id}"


def _get_planned(benefit, initiative, kind):
    """What an impact is a share of: of an initiative's cost, or of what it brings."""
    if kind == "cost_overrun" and not benefit:
        return initiative.program_planned_cost
    return (benefit or initiative).expected_value
