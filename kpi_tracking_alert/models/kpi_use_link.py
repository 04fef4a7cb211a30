from odoo import api, models

from odoo.addons.kpi_base.use_link import UseLink

KPI = "kpi.definition"


class KpiUseLink(models.AbstractModel):
    """Alert rules watch KPIs."""

    _inherit = "kpi.use.link"

    @api.model
    def _get_links(self):
        label = self.env._("Alert Rules")
        return [
            *super()._get_links(),
            *(
                UseLink(KPI, "kpi.smart.alert", path, label)
                for path in ("definition_ids", "report_ids.definition_id")
            ),
        ]
