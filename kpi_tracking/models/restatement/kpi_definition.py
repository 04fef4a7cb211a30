from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

WATCHED_BY = {"restatement_tolerance", "settling_days"}
MOST_DAYS = 366
MOST_PERCENT = 1000


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

    @api.constrains(*WATCHED_BY)
    def _check_settling(self):
        for definition in self:
            if not 0 <= definition.settling_days <= MOST_DAYS:
                raise ValidationError(
                    self.env._(
                        "A period settles 0 to %s days after it has closed.", MOST_DAYS
                    )
                )
            if not 0 <= definition.restatement_tolerance <= MOST_PERCENT:
                raise ValidationError(
                    self.env._(
                        "The tolerance must be between 0 and %s percent.", MOST_PERCENT
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if not WATCHED_BY.isdisjoint(vals):
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
        return result
