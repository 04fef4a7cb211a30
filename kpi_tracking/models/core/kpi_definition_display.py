from odoo import models


class KpiDefinition(models.Model):
    """Ways from a definition to what belongs to it."""

    _inherit = "kpi.definition"

    def action_open_measurements(self):
        """Values in the shortest period, so that lengths are not mixed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_measurement_action"
        )
        action["domain"] = [("definition_id", "in", self.ids)]
        action["context"] = {f"search_default_{self.frequency}": 1}
        return action
