from odoo import fields, models


class KpiProbeVisit(models.Model):
    """Records that KPIs may count."""

    _name = "kpi.probe.visit"
    _description = "Visit"
    _kpi_measurable = True

    name = fields.Char(required=True)
    day = fields.Date(required=True)
    user_id = fields.Many2one("res.users", default=lambda self: self.env.user)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)


class KpiProbeNote(models.Model):
    """What the listener heard."""

    _name = "kpi.probe.note"
    _description = "Note"

    name = fields.Char(required=True)
