from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.fields import OptionalFloat

from ..models.target.kpi_target import GUARDED

CHOICES = [
    ("change", "Change This Target"),
    ("add", "Add Target from Another Day"),
    ("remove", "Remove This Target"),
]
CHOICE_OF = {"write": "change", "create": "add", "unlink": "remove"}


class KpiTargetProposal(models.TransientModel):
    """Propose another target: others approve it before it applies."""

    _name = "kpi.target.proposal"
    _description = "Target Proposal"
    _inherit = ["kpi.dialog.mixin", "kpi.input.mixin", "kpi.zones.mixin"]

    target_id = fields.Many2one("kpi.target", "Current Target", ondelete="cascade")
    change_id = fields.Many2one(
        "kpi.approval.change", "Proposed Before", ondelete="cascade"
    )
    choice = fields.Selection(CHOICES, "Action", required=True, default="change")
    direction = fields.Selection(related="definition_id.direction", related_sudo=False)
    rule = fields.Selection(
        lambda self: (
            self.env["kpi.target"]._fields["rule"]._description_selection(self.env)
        ),
        "Set By",
        required=True,
        default="number",
    )
    date_from = fields.Date("Valid From", required=True)
    value = OptionalFloat("Target")
    change_percent = fields.Float("Change (%)")
    source_definition_id = fields.Many2one("kpi.definition", "Other KPI")
    annual_total = OptionalFloat("Yearly Total")
    range_low = OptionalFloat("Lowest Good Value")
    range_high = OptionalFloat("Highest Good Value")
    has_baseline = fields.Boolean("Measure from Baseline")
    baseline = OptionalFloat()
    stretch = OptionalFloat()
    reason = fields.Text(required=True)
    approver_notice = fields.Char(
        "Approvers", compute="_compute_approver_notice", exportable=False
    )

    @api.model
    def default_get(self, fields):
        """Begin with the target that there is, or with what was proposed before."""
        values = super().default_get(fields)
        change = self.env["kpi.approval.change"].browse(values.get("change_id"))
        target = self.env["kpi.target"].browse(values.get("target_id"))
        if target:
            target.check_access("read")
            known = {name: target._plain_value(name, target[name]) for name in GUARDED}
            values = {**known, **values}
        else:
            values["choice"] = "add"
            of_report = {"default_report_id": values.get("report_id")}
            targets = self.env["kpi.target"].with_context(**of_report)
            values.setdefault("date_from", targets._default_date_from())
        if change:
            change.check_access("read")
            values |= {**(change.vals or {}), "reason": change.reason}
            values["choice"] = CHOICE_OF[change.operation]
        return {name: value for name, value in values.items() if name in fields}

    @api.depends("choice", "target_id", *GUARDED)
    def _compute_approver_notice(self):
        for dialog in self:
            dialog.approver_notice = dialog._say_approvers()

    def _say_approvers(self):
        """Who would be asked about what the dialog says now, in a line."""
        operation, target, vals = self._read_proposal()
        if operation == "write" and not vals:
            return ""
        draft = target._draft_changes(operation, vals)
        draft.update(target._prepare_amounts(operation, vals))
        nobody = self.env._("No approval needed. The change applies immediately.")
        return draft._say_approvers().get(draft, nobody)

    @api.onchange("choice")
    def _onchange_choice(self):
        """A new target begins with the next period; another one keeps its day."""
        target = self.target_id
        before = self.change_id
        if before and self.choice == CHOICE_OF[before.operation]:
            self.date_from = (before.vals or {}).get("date_from", self.date_from)
        elif self.choice != "add":
            self.date_from = target.date_from or self.date_from
        elif target:
            calendar = self.definition_id.calendar_id
            running = calendar._period(self.definition_id.frequency, calendar._today())
            self.date_from = running.stop

    def action_propose(self):
        """Ask for approval of what the dialog says."""
        self.ensure_one()
        if self.choice != "add" and not self.target_id:
            raise ValidationError(self.env._("Choose a target."))
        operation, target, vals = self._read_proposal()
        if operation == "write" and not vals:
            raise ValidationError(self.env._("No changes to propose."))
        change = self.change_id
        known = (change.operation, change.res_id or 0, change.vals or {})
        if known == (operation, target.id or 0, target._normalize_proposal(vals)):
            change.action_propose_again(self.reason)
        else:
            change = target._propose(vals, self.reason, operation=operation)
        return change._show(change)

    def _read_proposal(self):
        """Operation, target and values, as ``_propose`` takes them."""
        target = self.target_id._origin
        if self.choice == "remove":
            return "unlink", target, {}
        names = [name for name in GUARDED if name != "report_id"]
        given = self._convert_to_write({name: self[name] for name in names})
        if self.choice == "add":
            vals = {"report_id": self.report_id._origin.id, **given}
            return "create", target.browse(), vals
        given = given.items()
        vals = {n: value for n, value in given if target._is_other_value(n, value)}
        return "write", target, vals
