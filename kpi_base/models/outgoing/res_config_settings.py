import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.outgoing import OutgoingRefused, parse_address
from ...roles import ADMIN
from .kpi_outgoing import PARAMETER


class ResConfigSettings(models.TransientModel):
    """Hosts inside the own network that messages may go to."""

    _inherit = "res.config.settings"

    kpi_outgoing_hosts = fields.Char(
        "Internal Hosts", config_parameter=PARAMETER, groups=ADMIN
    )

    @api.constrains("kpi_outgoing_hosts")
    def _check_kpi_outgoing_hosts(self):
        for settings in self:
            for host in re.findall(r"[^\s,;]+", settings.kpi_outgoing_hosts or ""):
                try:
                    address = parse_address(f"https://{host}/")
                except OutgoingRefused:
                    address = None
                if not address or host.lower() not in (address.host, address.place):
                    raise ValidationError(
                        self.env._(
                            "Internal hosts: %s is no host. Write names or addresses,"
                            " each with a port if need be, as in intranet:8080.",
                            host,
                        )
                    )
