from typing import Any

from odoo import models
from odoo.fields import Domain

from odoo.addons.kpi_base.rights import given_domain
from odoo.addons.kpi_base.schemas.base import Nothing


class KpiDefinition(models.Model):
    """The alerts of a KPI at all of its levels."""

    _inherit = "kpi.definition"

    def action_acknowledge_alerts(self, domain: list[Any] | Nothing = None):
        """Acknowledge the open alerts of these KPIs that the user may act on.

        :param domain: only alerts of these, such as those that a list shows
        :return: as ``kpi.alert.event.action_acknowledge``
        :raises UserError: it is no domain of alerts
        """
        alerts = self.env["kpi.alert.event"]
        of_these = Domain("definition_id", "in", self.ids)
        waiting = of_these & Domain("state", "=", "firing")
        found = alerts.search(waiting & given_domain(alerts, domain))
        return found.filtered("can_act").action_acknowledge()
