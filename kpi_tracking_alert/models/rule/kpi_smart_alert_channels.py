from odoo import api, models
from odoo.exceptions import ValidationError


class KpiSmartAlert(models.Model):
    """Rules send by channels that are set up."""

    _inherit = "kpi.smart.alert"

    @api.constrains("notification_channels", "company_id")
    def _check_channels(self):
        channels = self.env["kpi.alert.channel"]
        for rule in self:
            company = rule.company_id or self.env.company
            ways = [(rule.notification_channels, None)]
            ways += [(route.channel, route.channel_id) for route in rule.route_ids]
            for channel, target in ways:
                fault = channels._find_channel_fault(channel, company, target)
                if fault:
                    raise ValidationError(fault)


class KpiAlertRoute(models.Model):
    """As the rules they belong to."""

    _inherit = "kpi.alert.route"

    @api.constrains("channel", "channel_id")
    def _check_channel(self):
        self.alert_id._check_channels()
