from odoo import api, models
from odoo.tools import SQL

from odoo.addons.kpi_base.rights import look_up_once
from odoo.addons.kpi_tracking.models.home.kpi_home import OF_SUMMARY

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
        # As the summary has read them, so all of them may be seen.
        kpis = {kpi.id: kpi for kpi in look_up_once(self.env, OF_SUMMARY, list)}
        if not kpis:
            return []
        analytics = self.env["kpi.predictive.analytics"]
        analytics.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT kpi_id, period_start, expected_value, expected_low,
                       expected_high, target_probability
                  FROM kpi_predictive_analytics
                 WHERE kpi_id = ANY(%s) AND target_probability < %s
                   AND expected_status = ANY(%s) AND error IS NULL
              ORDER BY target_probability, kpi_id
                 LIMIT %s
                """,
                [*kpis],
                LIKELY_MISS,
                [*NOT_REACHED],
                MOST_ROWS,
            )
        )
        # What periods are called is no secret.
        calendars = self.env["kpi.calendar"].sudo()
        found = []
        for kpi_id, start, expected, low, high, chance in rows:
            kpi = kpis[kpi_id]
            calendar = calendars.browse(kpi.calendar_id)
            period = calendar._period(kpi.frequency, start)
            found.append(
                {
                    "id": kpi.id,
                    "name": kpi.kpi_name,
                    "scope": kpi.scope_name,
                    "period": calendar._period_label(period),
                    "expected": expected,
                    "low": low,
                    "high": high,
                    "chance": chance,
                    "unit": kpi.unit_description(),
                }
            )
        return found
