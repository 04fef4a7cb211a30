from odoo import fields, models
from odoo.exceptions import UserError


class KpiBenefitPeriod(models.Model):
    """Where the realised value of a month comes from: people, or a KPI."""

    _inherit = "kpi.benefit.period"

    is_measured = fields.Boolean(
        "Measured", readonly=True, copy=False, help="Worked out from a KPI."
    )

    def _check_typed(self, vals):
        """Refuse values of months whose benefit is measured by a KPI."""
        if "realized" not in vals:
            return
        for benefit in self.benefit_id.filtered("baseline_id"):
            raise UserError(
                self.env._(
                    "%(benefit)s is measured by %(kpi)s. Enter values of that KPI.",
                    benefit=benefit.name,
                    kpi=benefit.baseline_id.name,
                )
            )
