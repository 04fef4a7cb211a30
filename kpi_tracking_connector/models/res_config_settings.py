from odoo import fields, models

from .kpi_mcp_tool import IS_ON


class ResConfigSettings(models.TransientModel):
    """Whether assistants may ask."""

    _inherit = "res.config.settings"

    kpi_mcp_is_on = fields.Boolean("AI Assistants (MCP)", config_parameter=IS_ON)

    def action_show_kpi_mcp_tools(self):
        """Who may use which tool."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking_connector.kpi_mcp_tool_action"
        )
