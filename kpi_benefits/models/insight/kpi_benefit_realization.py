from odoo import models


class KpiBenefitRealization(models.Model):
    """Insights of a benefit."""

    _name = "kpi.benefit.realization"
    _inherit = ["kpi.benefit.realization", "kpi.insight.mixin"]

    def _find_insight_benefits(self):
        return self
