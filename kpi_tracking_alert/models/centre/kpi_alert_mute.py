from odoo import fields, models


class KpiAlertMute(models.Model):
    """Who mutes a rule need not see it."""

    _inherit = "kpi.alert.mute"

    # What a rule of one's alerts is called stands on each of them.
    rule_name = fields.Char("Rule Name", related="alert_id.name", related_sudo=True)
