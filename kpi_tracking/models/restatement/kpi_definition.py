from odoo import fields, models
from odoo.tools import SQL

WATCHED_BY = {"restatement_tolerance", "settling_days"}


class KpiDefinition(models.Model):
    """From when on a closed period counts as settled, and what is no news after."""

    _inherit = "kpi.definition"

    settling_days = fields.Integer(
        "Settled After",
        default=5,
        required=True,
        help="Days after a period has closed. A value that changes later is marked as "
        "restated.",
    )
    restatement_tolerance = fields.Float(
        "Tolerance",
        default=1.0,
        required=True,
        digits=(16, 2),
        help="Percent of the settled value by which it may change without being "
        "marked as restated.",
    )

    _settling_range = models.Constraint(
        "CHECK (settling_days BETWEEN 0 AND 366)",
        "A period settles 0 to 366 days after it has closed.",
    )
    _tolerance_range = models.Constraint(
        "CHECK (restatement_tolerance BETWEEN 0 AND 1000)",
        "The tolerance must be between 0 and 1000 percent.",
    )

    def write(self, vals):
        result = super().write(vals)
        if not WATCHED_BY.isdisjoint(vals):
            self._watch_again()
        return result

    def _watch_again(self):
        """Find what is restated by the settings of now."""
        for grain, definitions in self.grouped("frequency").items():
            keys = SQL(
                """
                SELECT DISTINCT revision.report_id, revision.period_start
                  FROM kpi_measurement_revision AS revision
                  JOIN kpi_report AS report ON report.id = revision.report_id
                 WHERE report.definition_id = ANY(%s) AND revision.grain = %s
                """,
                definitions.ids,
                grain,
            )
            self.env["kpi.restatement"]._watch(keys, grain)
