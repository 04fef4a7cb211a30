from odoo import api, models

MEASURED = {
    "kpi.deal",
    "kpi.deal.property",
    "kpi.deal.stage.event",
    "kpi.deal.stage.interval",
    "kpi.deal.tag",
    "kpi.deal.value.event",
}


class KpiDefinition(models.Model):
    """Deals are business documents, whose models are named like the platform's own."""

    _inherit = "kpi.definition"

    @api.model
    def _is_measurable(self, name):
        return name in MEASURED or super()._is_measurable(name)
