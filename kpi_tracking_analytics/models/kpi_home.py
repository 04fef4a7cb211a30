from odoo import api, models

from odoo.addons.kpi_base.rights import look_up_once
from odoo.addons.kpi_tracking.models.home.kpi_home import OF_SUMMARY

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
            ``chance`` (percent) and ``finding``, which names the period
        """
        # As the summary has read them, so all of them may be seen.
        kpis = {kpi.id: kpi for kpi in look_up_once(self.env, OF_SUMMARY, list)}
        if not kpis:
            return []
        reports = self.env["kpi.report"].browse(kpis)
        outlooks = reports._read_outlooks()
        missed = [(id_, one) for id_, one in outlooks.items() if one.is_miss]
        missed = sorted(missed, key=lambda pair: (pair[1].chance, pair[0]))[:MOST_ROWS]
        shown = reports.browse(id_ for id_, _outlook in missed)
        findings = shown._get_findings(
            {kpi: [outlooks[kpi.id].period] for kpi in shown}
        )
        return [
            {
                "id": id_,
                "name": kpis[id_].kpi_name,
                "scope": kpis[id_].scope_name,
                "finding": findings[shown.browse(id_)][outlook.period.start],
                "expected": outlook.value,
                "low": outlook.low,
                "high": outlook.high,
                "chance": outlook.chance,
                "unit": kpis[id_].unit_description(),
            }
            for id_, outlook in missed
        ]
