from odoo import api, fields, models

DAYS = 90


class KpiSmartAlert(models.Model):
    """Whether people need what a rule tells them, on its form."""

    _inherit = "kpi.smart.alert"

    quality = fields.Json(compute="_compute_quality", exportable=False)

    @api.depends("event_ids.state")
    @api.depends_context("uid")
    def _compute_quality(self):
        found = self.get_quality(DAYS) if self.ids else {}
        for rule in self:
            figures = found.get(rule._origin.id)
            rule.quality = figures and {**figures, "days": DAYS}
