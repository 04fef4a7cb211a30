from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.kpi_base.columns import Choices

from ..engine.standing import suggest_severity
from .finding import LASTING

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
    ("silence", "No Values Reported"),
    ("expired_assumption", "Assumption Failed or Expired"),
    ("double_claim", "Double Claim"),
    ("cost_overrun", "Cost Overrun"),
    ("adoption_stall", "Stalled Adoption"),
    ("other", "Other"),
]
# A cost is no benefit, and of what is claimed twice too much is realised: neither is
# a part of what is missing.
NOT_MISSING = ("cost_overrun", "double_claim")
STATUSES = [
    ("identified", "Identified"),
    ("investigating", "Investigating"),
    ("mitigating", "Mitigating"),
    ("resolved", "Resolved"),
    ("accepted", "Accepted"),
]
# What may follow on what.
FOLLOWING = {
    "identified": {"investigating", "mitigating", "accepted"},
    "investigating": {"identified", "mitigating", "resolved", "accepted"},
    "mitigating": {"investigating", "resolved", "accepted"},
    "resolved": {"investigating"},
    "accepted": {"investigating"},
}
CLOSED = ("resolved", "accepted")


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
        help="Leave empty for all benefits of the initiative.",
    )
    initiative_id = fields.Many2one(
        compute="_compute_initiative_id",
        store=True,
        precompute=True,
        readonly=False,
        tracking=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(KINDS, required=True, default="other", tracking=True)
    severity = fields.Selection(
        SEVERITIES,
        compute="_compute_severity",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        index=True,
        tracking=True,
        help="Follows the suggestion unless you enter a reason.",
    )
    severity_reason = fields.Char(
        copy=False,
        tracking=True,
        help="Required if the severity differs from the suggestion.",
    )
    suggested_severity = fields.Selection(
        SEVERITIES,
        compute="_compute_suggested_severity",
        # The same for everybody: what is suggested to one is stored for all.
        compute_sudo=True,
        exportable=False,
        help="Impact as a share of planned benefits (cost overruns: planned cost): "
        "medium from 2%, high from 10%, critical from 25%.",
    )
    estimated_impact = fields.Monetary(
        tracking=True,
        help="Total value lost until resolved.",
    )
    recovered_amount = fields.Monetary(
        "Recovered",
        copy=False,
        tracking=True,
    )
    recovery_note = fields.Char(
        "Excess Recovery Reason",
        copy=False,
        help="Required if recovery exceeds the impact.",
    )
    lost_value = fields.Monetary(
        "Not Recovered",
        compute="_compute_lost_value",
        store=True,
        help="Impact minus recovered amount.",
    )
    evidence = fields.Text(
        tracking=True,
    )
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
    status = fields.Selection(
        STATUSES,
        required=True,
        default="identified",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    acceptance_reason = fields.Text(
        copy=False,
        tracking=True,
    )
    closed_on = fields.Date(readonly=True, copy=False)
    is_open = fields.Boolean(
        compute="_compute_is_open", search="_search_is_open", exportable=False
    )
    source = fields.Selection(
        [("manual", "Reported"), ("detected", "Detected")],
        required=True,
        readonly=True,
        default="manual",
        copy=False,
        index=True,
    )
    detection_key = fields.Char(readonly=True, copy=False, exportable=False)

    _severity_choices = Choices("severity")
    _status_choices = Choices("status")
    _impact_positive = models.Constraint(
        "CHECK (estimated_impact >= 0)", "The impact cannot be negative."
    )
    _recovered_positive = models.Constraint(
        "CHECK (recovered_amount >= 0)", "The recovered amount cannot be negative."
    )
    _detection_key_uniq = models.UniqueIndex(
        "(initiative_id, detection_key) WHERE detection_key IS NOT NULL"
    )

    @api.depends("benefit_id.initiative_id")
    def _compute_initiative_id(self):
        for leakage in self:
            benefit = leakage.benefit_id
            leakage.initiative_id = benefit.initiative_id or leakage.initiative_id

    @api.depends("suggested_severity")
    def _compute_severity(self):
        """Follow the suggestion, unless people said why it is another one."""
        for leakage in self:
            if not (leakage.severity and leakage.severity_reason):
                leakage.severity = leakage.suggested_severity

    @api.depends(
        "estimated_impact",
        "kind",
        "benefit_id.expected_value",
        "initiative_id.expected_value",
        "initiative_id.program_planned_cost",
    )
    def _compute_suggested_severity(self):
        for leakage in self:
            planned = (leakage.benefit_id or leakage.initiative_id).expected_value
            if leakage.kind == "cost_overrun" and not leakage.benefit_id:
                planned = leakage.initiative_id.program_planned_cost
            impact = leakage.estimated_impact
            leakage.suggested_severity = suggest_severity(impact, planned)

    @api.depends("estimated_impact", "recovered_amount")
    def _compute_lost_value(self):
        for leakage in self:
            lost = leakage.estimated_impact - leakage.recovered_amount
            leakage.lost_value = max(lost, 0.0)

    @api.constrains("benefit_id", "initiative_id")
    def _check_benefit(self):
        for one in self.filtered("benefit_id"):
            if one.benefit_id.initiative_id != one.initiative_id:
                raise ValidationError(
                    self.env._("%s: choose a benefit of the same initiative.", one.name)
                )

    @api.constrains("estimated_impact", "recovered_amount", "recovery_note")
    def _check_recovered_amount(self):
        for one in self:
            more = one.recovered_amount - max(one.estimated_impact, 0.0)
            is_more = one.currency_id.compare_amounts(more, 0.0) > 0
            if is_more and not (one.recovery_note or "").strip():
                raise ValidationError(
                    self.env._(
                        "%s: recovery exceeds the impact. Enter an “Excess "
                        "Recovery Reason”.",
                        one.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        # They begin at the beginning; what a context proposes is stored as well.
        usual = self.default_get(["status"])["status"]
        if any(vals.get("status", usual) != "identified" for vals in vals_list):
            raise UserError(self.env._("New leakages must start as “Identified”."))
        # A list opened from a benefit says which one it is by its context.
        usual = self.default_get(["benefit_id"]).get("benefit_id")
        given = [vals.get("benefit_id", usual) for vals in vals_list]
        self.benefit_id.browse(filter(None, given)).check_access("write")
        leakages = super().create(vals_list)
        for leakage, vals in zip(leakages, vals_list, strict=True):
            leakage._note_severity(vals)
        return leakages

    def write(self, vals):
        self._check_new_place(vals)
        status = vals.get("status")
        labels = dict(self._fields["status"]._description_selection(self.env))
        for leakage in self:
            is_next = status in {leakage.status, *FOLLOWING[leakage.status]}
            if status in labels and not is_next:
                raise UserError(
                    self.env._(
                        "%(leakage)s is “%(before)s” and cannot change to “%(after)s”.",
                        leakage=leakage.name,
                        before=labels[leakage.status],
                        after=labels[status],
                    )
                )
        result = super().write(vals)
        self._note_severity(vals)
        for leakage in self if "status" in vals else ():
            today = fields.Date.context_today(self)
            closed_on = False if leakage.is_open else leakage.closed_on or today
            if leakage.closed_on != closed_on:
                # The right to the status was checked; the day is noted, not typed.
                leakage.sudo().closed_on = closed_on
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_looked_at(self):
        # What was detected or looked at is evidence.
        for leakage in self.filtered(lambda one: one._is_evidence()):
            raise UserError(
                self.env._(
                    "%s was detected automatically or is no longer “Identified”. "
                    "Archive it instead.",
                    leakage.name,
                )
            )

    def _note_severity(self, vals):
        """Note who chose another severity than the suggested one without a reason."""
        for leakage in self if "severity" in vals else ():
            is_own = leakage.severity != leakage.suggested_severity
            if is_own and not (leakage.severity_reason or "").strip():
                person = self.env.user.name
                leakage.severity_reason = self.env._("Set by %s", person)
            elif not is_own and leakage.severity_reason:
                leakage.severity_reason = False

    def _add_up_losses(self):
        """What these explain of benefits that are missing."""
        missing = self.filtered(lambda one: one.active and one.kind not in NOT_MISSING)
        return sum(missing.mapped("lost_value"))

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
                        "%(leakage)s cannot be moved: a KPI measures %(benefit)s. "
                        "Report a new leakage instead.",
                        leakage=leakage.name,
                        benefit=benefit.display_name,
                    )
                )
        new = self.benefit_id.browse(vals.get("benefit_id") or ())
        if new and any(one.benefit_id != new for one in self):
            new.check_access("write")
        if "benefit_id" in vals and not vals["benefit_id"]:
            # Without a benefit it is a matter of those who change the initiative.
            self.filtered("benefit_id").initiative_id.check_access("write")

    def _get_screen_url(self):
        return f"{self.get_base_url()}/odoo/leakages/{self.id}"

    @api.depends("status")
    def _compute_is_open(self):
        for leakage in self:
            leakage.is_open = leakage.status not in CLOSED

    @api.model
    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("status", "not in" if True in value else "in", CLOSED)]

    @api.constrains(
        "status", "root_cause", "mitigation_plan", "action_items", "acceptance_reason"
    )
    def _check_status(self):
        """What has to be known of a leakage depends on its status."""
        needed = {
            "mitigating": (
                self.env._("enter a mitigation plan or an action first."),
                ["mitigation_plan", "action_items"],
            ),
            "resolved": (self.env._("enter the root cause first."), ["root_cause"]),
            "accepted": (
                self.env._("enter the acceptance reason first."),
                ["acceptance_reason"],
            ),
        }
        for leakage in self:
            missing, names = needed.get(leakage.status, ("", []))
            values = (leakage[name] for name in names)
            if missing and not any(
                value.strip() if isinstance(value, str) else value for value in values
            ):
                text = self.env._(
                    "%(leakage)s: %(missing)s", leakage=leakage.name, missing=missing
                )
                raise ValidationError(text)

    def action_investigate(self):
        """Look into these leakages, again where they were closed."""
        self.status = "investigating"

    def action_mitigate(self):
        """Say that something is done about these leakages."""
        self.status = "mitigating"

    def action_resolve(self):
        """Say that no more value is lost by these leakages."""
        self.status = "resolved"

    def action_accept(self):
        """Say that nothing will be done about these leakages."""
        self.status = "accepted"

    @api.model
    def _file(self, finding, known=None):
        """File what detection found; the same finding again is the same leakage.

        While nobody has looked at it, its evidence and impact follow what is found;
        afterwards it is people's. Its impact is what is lost; an overrun is one amount,
        spent or not.

        :param known: a leakage of its cause, which it updates; empty: by its key
        """
        initiative, benefit = finding.place
        key = known.detection_key if known else finding.detection_key
        impact = finding.lost
        if finding.kind == "cost_overrun":
            impact += finding.coming
        found = {"evidence": finding.evidence, "estimated_impact": impact}
        if finding.cited:
            names = ", ".join(finding.cited[0].union(*finding.cited).mapped("name"))
            found["evidence"] += " " + self.env._("Other benefit: %s.", names)
        # Of two runs at once the second is run again and finds what the first filed.
        self.env["kpi.claim"]._claim(f"findings of initiative {initiative.id}")
        everything = self.with_context(active_test=False)
        same = [("initiative_id", "=", initiative.id), ("detection_key", "=", key)]
        if known := everything.search(same).with_env(self.env):
            changed = {name: new for name, new in found.items() if known[name] != new}
            if changed and known.status == "identified" and known.active:
                known.write(changed)
            return known
        self.check_access("create")
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        about = finding.part or benefit or initiative
        # What says where it is from is not typed; the right to it is asked for below.
        filed = self.sudo().create(
            {
                **found,
                "name": f"{kinds[finding.kind]}: {about.display_name}",
                "initiative_id": initiative.id,
                "benefit_id": benefit.id,
                "kind": finding.kind,
                "source": "detected",
                "detection_key": key,
            }
        )
        filed.with_env(self.env).check_access("write")
        return filed.with_env(self.env)

    def _is_evidence(self):
        return self.source == "detected" or self.status != "identified"

    def _is_decided_on(self, finding):
        """Whether people closed or archived one that lasts as long as the finding.

        What falls again in a month after that is another cause.
        """
        closed = self.filtered(lambda one: not (one.is_open and one.active))
        if finding.kind in LASTING:
            return bool(closed)
        return any(
            finding.first <= (one.closed_on or one.write_date.date()) for one in closed
        )
