import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.outgoing import OutgoingRefused, parse_address
from .kpi_outgoing import PARAMETER


class ResConfigSettings(models.TransientModel):
    """Hosts inside the own network that messages may go to."""

    _inherit = "res.config.settings"

    # Odoo reads all of these when the settings of any app are saved: a role that its
    # administrators need not have would keep them from it.
    kpi_outgoing_hosts = fields.Char("Internal Hosts", config_parameter=PARAMETER)
    kpi_api_per_minute = fields.Integer(
        "Requests per Minute", default=600, config_parameter="kpi_base.api_per_minute"
    )
    kpi_api_per_day = fields.Integer(
        "Requests per Day", default=0, config_parameter="kpi_base.api_per_day"
    )
    kpi_api_log_days = fields.Integer(
        "Keep API Log (Days)", default=90, config_parameter="kpi_base.api_log_days"
    )
    kpi_api_global_keys = fields.Boolean(
        "Allow Odoo API Keys", config_parameter="kpi_base.api_global_keys"
    )

    @api.constrains("kpi_outgoing_hosts")
    def _check_kpi_outgoing_hosts(self):
        for settings in self:
            for host in re.findall(r"[^\s,;]+", settings.kpi_outgoing_hosts or ""):
                try:
                    address = parse_address(f"https://{host}/", {host.lower()})
                except OutgoingRefused:
                    address = None
                if not address or host.lower() not in (address.host, address.place):
                    raise ValidationError(
                        self.env._(
                            "Internal Hosts: %s is not a valid host. Enter names "
                            "or addresses, such as intranet:8080.",
                            host,
                        )
                    )

    @api.constrains("kpi_api_per_minute", "kpi_api_per_day", "kpi_api_log_days")
    def _check_kpi_api_limits(self):
        for settings in self:
            if settings.kpi_api_per_minute < 1 or settings.kpi_api_log_days < 1:
                raise ValidationError(
                    self.env._(
                        "REST API: enter at least 1 request per minute and 1 day "
                        "for the API log."
                    )
                )
            if settings.kpi_api_per_day < 0:
                raise ValidationError(
                    self.env._("REST API: requests per day cannot be negative.")
                )
