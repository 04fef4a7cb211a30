from odoo import Command, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.actions import open_form, ticked


class KpiScorecardWizard(models.TransientModel):
    """Put the KPIs ticked in a list on a scorecard, an existing one or a new one."""

    _name = "kpi.scorecard.wizard"
    _description = "Add KPIs to Scorecard"

    report_ids = fields.Many2many(
        "kpi.report", string="KPIs", required=True, default=ticked("kpi.report")
    )
    group_id = fields.Many2one(
        "kpi.report.group",
        "Scorecard",
        domain=[("is_editable_by_me", "=", True)],
        help="Leave empty to create a new scorecard.",
    )
    name = fields.Char("New Scorecard")
    weight = fields.Float(
        help="Relative to the other KPIs. 0 means each definition's weight is used."
    )

    def action_add(self):
        """Add what is not on the scorecard yet and open it."""
        self.ensure_one()
        group = self.group_id or self._new_group()
        # Also KPIs there that this person may not see.
        present = group.sudo().with_context(active_test=False).line_ids.report_id
        missing = self.report_ids.filtered(lambda report: report not in present)
        weight = {"weight": self.weight} if self.weight else {}
        group.line_ids = [
            Command.create({"report_id": report.id, **weight}) for report in missing
        ]
        return open_form(group)

    def _new_group(self):
        if not (self.name or "").strip():
            raise UserError(self.env._("Choose a scorecard or name a new one."))
        companies = self.report_ids.company_id
        if len(companies) > 1:
            raise UserError(
                self.env._(
                    "The selected KPIs belong to %s. A scorecard allows only one "
                    "company.",
                    ", ".join(companies.mapped("name")),
                )
            )
        # The department of all, if they have one in common.
        departments = {report.department_id.id for report in self.report_ids}
        department_id = departments.pop() if len(departments) == 1 else False
        return self.group_id.create(
            {
                "name": self.name,
                "company_id": companies.id,
                "department_id": department_id,
            }
        )
