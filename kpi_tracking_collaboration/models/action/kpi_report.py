from odoo import api, fields, models

from .kpi_action_item_status import OPEN


class KpiReport(models.Model):
    """A KPI, and what is done about it."""

    _inherit = "kpi.report"

    action_item_ids = fields.One2many(
        "kpi.action.item", "report_id", "Actions", readonly=True
    )
    open_action_count = fields.Integer(
        "Open Actions", compute="_compute_open_action_count", exportable=False
    )

    @api.depends("action_item_ids.status")
    @api.depends_context("uid")
    def _compute_open_action_count(self):
        counts = dict(
            self.env["kpi.action.item"]._read_group(
                [("report_id", "in", self.ids), ("status", "in", OPEN)],
                ["report_id"],
                ["__count"],
            )
        )
        for report in self:
            report.open_action_count = counts.get(report._origin, 0)

    def action_add_action(self):
        """Open a new action about the KPI."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Action"),
            "res_model": "kpi.action.item",
            "views": [(False, "form")],
            "context": {"default_report_id": self.id},
        }

    def action_open_actions(self):
        """Open the actions about the KPI."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking_collaboration.kpi_action_item_action"
        )
        return {
            **action,
            "domain": [("report_id", "=", self.id)],
            "context": {"default_report_id": self.id},
        }
