from odoo import api, models
from odoo.fields import Domain

from odoo.addons.kpi_tracking.engine.kpi_text import unit_description

LIKELY_MISS = 50  # percent: a smaller chance of the target is worth a row
NOT_REACHED = ("off_target", "at_risk")
MOST_ROWS = 5
PANEL = "kpi_tracking_analytics.at_risk"


class KpiHome(models.AbstractModel):
    """KPIs that will probably miss their targets are a panel of the overview."""

    _inherit = "kpi.home"

    @api.model
    def _get_panels(self):
        panels = super()._get_panels()
        at_risk = self._list_at_risk()
        return {**panels, PANEL: at_risk} if at_risk else panels

    @api.model
    def _list_at_risk(self):
        """The KPIs of the overview that will most probably miss their targets.

        :return: list of dicts of ``id`` (of the KPI), ``name``, ``scope``, ``expected``
            and the ends ``low`` and ``high`` of its range (numbers in ``unit``),
            ``chance`` (percent) and ``period`` (its name)
        """
        own = self._get_own_domain(Domain("definition_id.active", "=", True))
        rows = self.env["kpi.predictive.analytics"].search(
            Domain("target_probability", "<", LIKELY_MISS)
            & Domain("expected_status", "in", NOT_REACHED)
            & Domain("error", "=", False)
            & Domain("kpi_id", "any", own),
            limit=MOST_ROWS,
        )
        return [
            {
                "id": row.kpi_id.id,
                "name": row.kpi_id.kpi_name,
                "scope": row.kpi_id.scope_name,
                "period": row.period_label,
                "expected": row.expected_value,
                "low": row.expected_low if row.expected_low is not False else None,
                "high": row.expected_high if row.expected_high is not False else None,
                "chance": row.target_probability,
                # Who sees a KPI may know its unit.
                "unit": unit_description(
                    row.kpi_id.definition_id.sudo(), row.kpi_id.currency_id.id
                ),
            }
            for row in rows
        ]
