from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import ormcache

from odoo.addons.kpi_base.rest.call import current_call
from odoo.addons.kpi_base.rest.route import operations_below

from ..engine.tools import TOOLS

PREFIX = "/api/kpi"
IS_ON = "kpi_tracking_connector.mcp_is_on"


class KpiMcpTool(models.Model):
    """Who may use a tool of assistants; one that has no row is for all who may ask."""

    _name = "kpi.mcp.tool"
    _description = "Assistant Tool"
    _inherit = ["kpi.input.mixin"]
    _order = "name"

    name = fields.Selection(
        lambda self: self._select_tools(), "Tool", required=True, index=True
    )
    group_ids = fields.Many2many(
        "res.groups",
        string="Groups",
        help="Groups that can use the tool. Leave empty to block it.",
    )

    _name_uniq = models.UniqueIndex("(name)", "This tool is already listed.")

    def _select_tools(self):
        """All tools by name, with what they are."""
        return [
            (name, operation.declaration.summary)
            for name, (_tool, operation) in self._find_tools().items()
        ]

    @ormcache(cache="routing")
    def _find_tools(self):
        """Tools of the installed addons: name → what they are, operation."""
        known = ((TOOLS.get(o.name), o) for o in operations_below(self.env, PREFIX))
        return {tool.name: (tool, each) for tool, each in known if tool}

    def _list_tools(self):
        """Those of them that the key and its user may use."""
        scopes = current_call().identity.scopes
        # What is not for somebody is not for them to read either.
        rows = self.sudo().search_fetch(Domain.TRUE, ["name", "group_ids"])
        user = self.env.user
        closed = {row.name for row in rows if not row.group_ids & user.all_group_ids}
        return {
            name: (tool, operation)
            for name, (tool, operation) in self._find_tools().items()
            if operation.declaration.scope in scopes and name not in closed
        }
