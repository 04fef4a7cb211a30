from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.actions import open_list, show_notification, ticked
from odoo.addons.kpi_base.formatting import format_day


class KpiTargetCopyWizard(models.TransientModel):
    """Copy targets to the next year, many at a time."""

    _name = "kpi.target.copy.wizard"
    _description = "Copy Targets to Next Year"
    _inherit = ["kpi.input.mixin"]

    target_ids = fields.Many2many(
        "kpi.target",
        string="Targets",
        required=True,
        default=lambda self: self._default_target_ids(),
    )
    change_percent = fields.Float(
        "Change (%)",
        help="5 means 5% more, -5 means 5% less. Targets based on last year or "
        "another KPI adapt automatically.",
    )
    summary = fields.Char(compute="_compute_summary")

    @api.model
    def _default_target_ids(self):
        """The targets ticked in the list; without any, all in force that may be set."""
        targets = self.env["kpi.target"]
        chosen = ticked("kpi.target")(self)
        if chosen or self.env.context.get("active_model") != targets._name:
            return chosen
        return targets.search([("is_in_force", "=", True)])._filtered_access("write")

    @api.depends("target_ids")
    def _compute_summary(self):
        for wizard in self:
            targets = wizard.target_ids._origin
            days = [target._a_year_later() for target in targets]
            wizard.summary = days and self.env._(
                "Targets to copy: %(count)s, with start dates %(first)s to "
                "%(last)s. Existing targets stay.",
                count=len(days),
                first=format_day(self.env, min(days)),
                last=format_day(self.env, max(days)),
            )

    def action_copy(self):
        """Copy what does not exist yet, say what was done and show it."""
        self.ensure_one()
        # As the person who asks: the rules say whose targets may be set.
        targets = self.target_ids
        if not targets:
            raise UserError(self.env._("Choose the targets to copy."))
        made, changes = targets._copy_to_next_year(self.change_percent)
        if changes:
            return changes._show(changes)
        domain = [("id", "in", made.ids)]
        shown = open_list(self.env, "kpi_tracking.kpi_target_action", domain)
        return show_notification(
            self.env._(
                "Targets copied: %(made)s. Skipped (target already exists): "
                "%(skipped)s.",
                made=len(made),
                skipped=len(targets) - len(made),
            ),
            type="success" if made else "warning",
            next=shown if made else {"type": "ir.actions.act_window_close"},
        )
