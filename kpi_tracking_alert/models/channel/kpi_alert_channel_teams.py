from odoo import models

from odoo.addons.kpi_base.engine.outgoing import address_secrets

from ...engine.payloads.teams import teams_payload


class KpiAlertChannel(models.Model):
    """Microsoft Teams, by the address of a workflow."""

    _inherit = "kpi.alert.channel"

    def _find_teams_address(self):
        return self._read_secret("address")

    def _post_teams(self, message, _phone):
        address = self._read_secret("address")
        payload = teams_payload(message, self._words())
        self.env["kpi.outgoing"]._call_json(address, payload, address_secrets(address))
