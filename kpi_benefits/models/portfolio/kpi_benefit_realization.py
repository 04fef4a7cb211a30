from odoo import models


class KpiBenefitRealization(models.Model):
    """A benefit on the dashboard of its initiative."""

    _inherit = "kpi.benefit.realization"

    def _prepare_dashboard(self):
        names = dict(self._fields["status"]._description_selection(self.env))
        rate = self.realization_rate
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "status_name": names[self.status],
            "planned": self.expected_value,
            "planned_to_date": self.planned_to_date,
            "realized": self.realized_value,
            "rate": None if rate is False else rate,
            "reason": self.suggestion_reason,
        }
