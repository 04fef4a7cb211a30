from odoo import fields, models
from odoo.tools import SQL

from ..models.kpi_mcp_tool import PREFIX

MOST_NAMES = 5
OF_KPIS = {"list_kpis", "ask"}  # beside the tools that take the id of one


class KpiMcpReading(models.Model):
    """A call of an assistant, shown to the person whose key it had."""

    _name = "kpi.mcp.reading"
    _description = "Assistant Activity"
    _auto = False
    _depends = {"kpi.api.log": ["recorded_at", "user_id", "route", "record_ids"]}
    _order = "id desc"
    _rec_name = "key_name"

    recorded_at = fields.Datetime("Time", readonly=True)
    user_id = fields.Integer(readonly=True, exportable=False)
    key_name = fields.Char("Key", readonly=True)
    tool = fields.Selection(
        lambda self: self.env["kpi.mcp.tool"]._select_tools(), "Asked", readonly=True
    )
    record_ids = fields.Char(readonly=True, exportable=False)
    kpis = fields.Char("KPIs", compute="_compute_kpis")

    @property
    def _table_query(self):
        return SQL(
            "SELECT id, recorded_at, user_id, key_name, record_ids,"
            " split_part(route, '#', 2) AS tool"
            " FROM kpi_api_log WHERE status = 200 AND starts_with(route, %s)",
            f"{PREFIX}/mcp#",
        )

    def _compute_kpis(self):
        tools = self.env["kpi.mcp.tool"]._find_tools()
        of_kpis = OF_KPIS | {
            name
            for name, (_tool, each) in tools.items()
            if "report_id" in each.path_types
        }
        read = {
            each: [
                int(number) for number in (each.record_ids or "").split(", ") if number
            ]
            for each in self
            if each.tool in of_kpis
        }
        ids = {number for numbers in read.values() for number in numbers}
        found = self.env["kpi.report"].search([("id", "in", sorted(ids))])
        names = dict(zip(found.ids, found.mapped("display_name"), strict=True))
        for each in self:
            mine = [names[number] for number in read.get(each, ()) if number in names]
            each.kpis = ", ".join(mine[:MOST_NAMES])
            if rest := len(mine[MOST_NAMES:]):
                each.kpis = self.env._(
                    "%(kpis)s and %(rest)s more", kpis=each.kpis, rest=rest
                )
