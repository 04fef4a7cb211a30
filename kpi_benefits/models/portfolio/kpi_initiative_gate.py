from odoo import fields, models


class KpiInitiativeGate(models.Model):
    """A gate on the dashboard of its initiative."""

    _inherit = "kpi.initiative.gate"

    def _prepare_dashboard(self):
        days = ("planned_date", "due_date", "actual_date")
        return {
            "id": self.id,
            "name": self.name,
            "approving_body": self.approving_body or "",
            "is_late": self.is_late,
            **{name: fields.Date.to_string(self[name]) or None for name in days},
        }
