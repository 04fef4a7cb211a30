from odoo import api, fields, models

from odoo.addons.kpi_base.actions import open_form


class KpiExplanation(models.TransientModel):
    """Leads from a value to the integration that read it."""

    _inherit = "kpi.explanation"

    integration_id = fields.Many2one(
        "kpi.integration", compute="_compute_integration_id"
    )

    @api.depends("report_id", "grain", "period_start")
    def _compute_integration_id(self):
        self.integration_id = False
        for wizard in self.filtered(lambda one: one.report_id and one.period_start):
            calendar = wizard.definition_id.calendar_id
            period = calendar._period(wizard.grain, wizard.period_start)
            values = wizard.report_id._in_period(period)
            fact = self.env["kpi.measurement"].search(values)
            syncs = self.env["kpi.import"]._find_syncs(fact)
            found = self.env["kpi.integration"].union(
                *(sync.integration_id for sync in syncs.values())
            )
            # Whose integration it is may open it: officers of their own.
            wizard.integration_id = found.sudo(False)._filtered_access("read")

    def action_open_integration(self):
        """Open where the value was read."""
        self.ensure_one()
        return open_form(self.integration_id)
