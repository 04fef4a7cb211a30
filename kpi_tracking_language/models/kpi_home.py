from odoo import api, models

from odoo.addons.kpi_base.rights import look_up_once
from odoo.addons.kpi_tracking.models.home.kpi_home import OF_SUMMARY

PANEL = "kpi_tracking_language.question"


class KpiHome(models.AbstractModel):
    """The overview has a field for questions, with some that fit its KPIs."""

    _inherit = "kpi.home"

    @api.model
    def _get_panels(self):
        panels = super()._get_panels()
        # As the summary has read them, so all of them may be seen.
        kpis = list(look_up_once(self.env, OF_SUMMARY, list))
        if not kpis:
            return panels
        name = kpis[0].kpi_name
        examples = [
            self.env._("Why did %s change?", name),
            self.env._("Which KPIs are off track?"),
            self.env._("%s by department", name),
        ]
        return {**panels, PANEL: examples}
