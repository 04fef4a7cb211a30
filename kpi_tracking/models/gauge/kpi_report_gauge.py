from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.gauge.zones import Aim, status_zones
from ...engine.zones import THRESHOLD_FIELDS


class KpiReport(models.Model):
    """A KPI as a gauge: the numbers, their scale and zones; screens format them."""

    _inherit = "kpi.report"

    gauge = fields.Json(
        compute="_compute_gauge",
        exportable=False,
        help="Empty if the KPI has no value, or neither a target nor zones.",
    )

    @api.depends(
        "sparkline", "status", "band", "target_value", "definition_id.gauge_widget_id"
    )
    def _compute_gauge(self):
        """All gauges by a constant number of queries."""
        judged = self._latest_judged()
        names = self._get_author_names()
        for report in self:
            row = judged.get(report._origin.id)
            drawn = row and report.has_value and report._prepare_gauge(row)
            report.gauge = drawn and {**drawn, "who": names.get(row["report_id"], "")}

    def _prepare_gauge(self, judged):
        """The gauge of one KPI; False where it would say no more than the number.

        :param judged: its row of ``_latest_judged``
        """
        aim = Aim(
            self.direction,
            *(judged[f"due_{name}"] for name in ("target", "baseline", "low", "high")),
        )
        points = (self.sparkline or {}).get("points", [])
        return self.definition_id.gauge_widget_id._drawing(
            aim,
            self._zones_of_status(judged),
            value=self.current_value,
            whole=judged["target"],
            previous=self.previous_value if self.has_previous else None,
            earlier=[p["value"] for p in points[:-1] if p["value"] is not None],
        )

    def _zones_of_status(self, judged):
        """Zones in percent by which the KPI's status is found."""
        if judged["zones"] is None:  # nothing to judge it by
            return ()
        thresholds = [judged[name] for name in THRESHOLD_FIELDS]
        if judged["zones"] == "rag":
            return status_zones(thresholds[:2])
        bands = dict(self._fields["band"]._description_selection(self.env))
        return status_zones(thresholds, [*bands.values()])

    def _latest_judged(self):
        """Read what the latest values are judged by: dict report id → row (dict)."""
        # Who sees a KPI sees what it is judged by.
        reports = self._origin.sudo()
        self.env["kpi.definition"].flush_model()
        self.env["kpi.report"].flush_model()
        self.env.cr.execute(
            SQL(
                "WITH latest AS (%s), due AS (%s) SELECT * FROM due",
                reports._latest_facts_sql(),
                reports._due_facts_sql(),
            )
        )
        return {row["report_id"]: row for row in self.env.cr.dictfetchall()}

    def _get_author_names(self):
        """Names of those who entered the latest values: dict report id → name."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT report.id, fact.recorded_by_id
                  FROM kpi_report AS report
                  JOIN kpi_measurement AS fact
                    ON fact.report_id = report.id
                   AND fact.grain = report.frequency
                   AND fact.period_start = report.current_period_start
                 WHERE report.id = ANY(%s)
                   AND fact.source IN ('manual', 'import')
                   AND fact.recorded_by_id IS NOT NULL
                """,
                self._origin.ids,
            )
        )
        users = self.env["res.users"].browse({user_id for _report, user_id in rows})
        # Who sees a value sees who entered it, also a colleague of another company.
        names = {user.id: user.display_name for user in users.sudo()}
        return {report_id: names[user_id] for report_id, user_id in rows}
