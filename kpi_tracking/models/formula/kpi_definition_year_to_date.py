from odoo import models

from ...engine import formula as formulas
from ...engine.period_report import TO_DATE

# What looks at other periods, or at their length, means something else over a year.
OF_PERIODS = frozenset({"days_in_period", "prev", "rolling", "ytd"})


class KpiDefinition(models.Model):
    """Conditions under which a formula has a value for the year to date."""

    _inherit = "kpi.definition"

    def _is_carried_to_date(self):
        """Return whether the value to date follows from those of the periods."""
        self.ensure_one()
        if self.computation != "formula":
            return self.aggregation_time in TO_DATE
        formula = formulas.parse(self.formula)
        if formula.functions & OF_PERIODS or formula.target_codes:
            return False
        return not formula.baseline_codes and all(
            part._is_carried_to_date() for part in self.component_ids
        )
