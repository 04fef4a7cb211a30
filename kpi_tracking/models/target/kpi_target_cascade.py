from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.cascade import parents_first


class KpiTarget(models.Model):
    """Targets handed down to the departments below."""

    _inherit = "kpi.target"

    can_cascade = fields.Boolean(compute="_compute_can_cascade")

    @api.depends("report_id.scope_type")
    def _compute_can_cascade(self):
        for target in self:
            target.can_cascade = target.report_id.scope_type in (
                "company",
                "department",
            )

    def action_cascade(self):
        """Open the preview of this target split over the departments below."""
        self.ensure_one()
        self.check_access("write")
        if not self.report_id._find_tracked_below():
            raise UserError(
                self.env._(
                    "No department below %(scope)s is tracked for %(kpi)s. Track it for"
                    " them first.",
                    scope=self.report_id.scope_name,
                    kpi=self.report_id.kpi_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cascade to Departments"),
            "res_model": "kpi.target.cascade",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_target_id": self.id},
        }


class KpiReport(models.Model):
    """The KPIs of the departments below, and what the form does with its targets."""

    _inherit = "kpi.report"

    def _find_tracked_below(self):
        """The same KPI tracked for departments below, each with the nearest one above.

        :return: dict report → report above, parents first, by name
        """
        self.ensure_one()
        if self.scope_type not in ("company", "department"):
            return {}
        tracked = self.search(
            [
                ("definition_id", "=", self.definition_id.id),
                ("company_id", "=", self.company_id.id),
                ("scope_type", "=", "department"),
                ("id", "!=", self.id),
            ]
        )
        by_department = {report.department_id.id: report for report in tracked}
        found = {}
        for report in tracked.sorted("scope_name"):
            # The path is that of the tree, whoever may see its departments.
            path = report.department_id.sudo().parent_path
            above = [int(step) for step in path.strip("/").split("/")[:-1]]
            found[report] = self._nearest(above, by_department)
        below = {report: over for report, over in found.items() if over}
        return parents_first(below, self)

    def _nearest(self, above, by_department):
        """The deepest tracked department of ``above``, this one as the last resort."""
        if self.scope_type == "department":
            if self.department_id.id not in above:
                return self.browse()
            above = above[above.index(self.department_id.id) + 1 :]
        tracked = [by_department[step] for step in above if step in by_department]
        return tracked[-1] if tracked else self

    def _latest_target(self):
        targets = self.target_ids.sorted("date_from")
        if not targets:
            raise UserError(self.env._("%s has no target yet.", self.display_name))
        return targets[-1]

    def action_cascade_target(self):
        """Split the latest target over the departments below."""
        self.ensure_one()
        return self._latest_target().action_cascade()

    def action_copy_targets(self):
        """Copy the targets of the latest year to the next one."""
        self._latest_target()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_target_copy_wizard_action"
        )
        targets = self.target_ids._of_the_latest_year()
        return {**action, "context": {"default_target_ids": targets.ids}}

    def action_open_judgements(self):
        """Open what closed periods were judged by."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_target_value_action"
        )
        return {**action, "domain": [("report_id", "=", self.id)], "context": {}}
