from odoo import api, fields, models
from odoo.fields import Domain

from ..fact.kpi_measurement_breakdown import COMBINED_BY, OTHER


class KpiReport(models.Model):
    """Parts that make up the latest value."""

    _inherit = "kpi.report"

    breakdown = fields.Json(compute="_compute_breakdown")

    @api.depends("current_period_start", "current_value")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_breakdown(self):
        """Parts of the latest value: per field its name and parts, largest first.

        A share is said only where the parts add up to the value.
        """
        parts = self.env["kpi.measurement.breakdown"].search(
            Domain.OR(report._latest_parts() for report in self)
        )
        by_report = parts.grouped("report_id")
        for report in self:
            own = by_report.get(report._origin, parts.browse())
            report.breakdown = [
                {
                    "label": same[0].field_label,
                    "parts": report._prepare_ordered_parts(same),
                }
                for same in own.grouped("field_path").values()
            ]

    def _latest_parts(self):
        return (
            Domain("report_id", "=", self._origin.id)
            & Domain("grain", "=", self.frequency)
            & Domain("period_start", "=", self.current_period_start)
        )

    def _prepare_ordered_parts(self, parts):
        adds_up = (
            COMBINED_BY.get(self.definition_id.measure) == "sum"
            and self.current_value > 0
            and min(parts.mapped("value")) >= 0
        )
        ordered = parts.sorted(lambda part: (part._key() == OTHER, -part.value))
        return [
            {
                "label": part.key_label,
                "value": part.value,
                "percent": 100 * part.value / self.current_value if adds_up else None,
            }
            for part in ordered
        ]
