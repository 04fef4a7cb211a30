from odoo import models


class KpiTatAlert(models.Model):
    """Reminders by when they were sent, as reports take them."""

    _inherit = "kpi.tat.alert"
    _kpi_measurable = True

    _sent_idx = models.Index("(alert_sent_at)")
