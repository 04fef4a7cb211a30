from odoo import api, fields, models

from ..entry.kpi_entry_due import OPEN


class KpiReportGroup(models.Model):
    """Entries due for a scorecard, and reminders of them.

    Of the KPIs that the viewer may see.
    """

    _inherit = "kpi.report.group"

    due_count = fields.Integer("To Enter", compute="_compute_due")
    on_time_percent = fields.Float(
        "Entered on Time (%)",
        compute="_compute_due",
        help="Share of the entries submitted by their due date, of those submitted or"
        " overdue.",
    )
    has_on_time = fields.Boolean(compute="_compute_due")
    can_remind = fields.Boolean(compute="_compute_can_remind")

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("line_ids.report_id")
    def _compute_due(self):
        """Counts and rates of all scorecards by one statement over what is due."""
        rows = self.env["kpi.entry.due"]._read_group(
            [("report_id", "in", self.line_ids.report_id.ids)],
            ["report_id"],
            ["on_time_percent:array_agg", "state:array_agg"],
        )
        found = {report: known for report, *known in rows}
        for group in self:
            known = [found[r] for r in group.line_ids.report_id if r in found]
            rates = [rate for of, _s in known for rate in of if rate is not None]
            group.due_count = sum(s in OPEN for _r, states in known for s in states)
            group.has_on_time = bool(rates)
            group.on_time_percent = sum(rates) / len(rates) if rates else 0.0

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("line_ids.report_id.owner_id")
    def _compute_can_remind(self):
        allowed = self.line_ids.report_id._filter_remindable()
        for group in self:
            group.can_remind = bool(group.line_ids.report_id & allowed)

    def action_remind(self):
        """Remind everybody with an entry due of a KPI that one answers for."""
        self.check_access("read")
        return self.line_ids.report_id._filter_remindable()._remind()

    def action_open_due(self):
        """Open the entries due and submitted for the KPIs of the scorecard."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_entry_due_action_all"
        )
        domain = [("report_id", "in", self.line_ids.report_id.ids)]
        return {**action, "domain": domain, "context": {}}
