from odoo import api, models

# Entries with which an amount is settled, or becomes another one.
PRICING = (
    "deal_commission_introduced",
    "deal_commission_computed",
    "deal_commission_changed",
    "deal_commission_confirmed",
)


class KpiCommission(models.Model):
    """With each entry in the log, what a commission comes to is kept as of then."""

    _inherit = "kpi.commission"

    def _log(self, event_type, personal=None, **values):
        entries = super()._log(event_type, personal, **values)
        self.env["kpi.commission.event"]._keep_states(
            self, entries, event_type in PRICING
        )
        return entries

    @api.model
    def _log_adjustments(self, rows):
        entries = super()._log_adjustments(rows)
        self.env["kpi.commission.event"]._keep_adjustments(rows, entries)
        return entries
