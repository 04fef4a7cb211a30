from odoo import api, fields, models


class KpiReportGroup(models.Model):
    """Texts and figures of a scorecard on lists, cards, forms, beside stored ones."""

    _inherit = "kpi.report.group"

    is_running = fields.Boolean(
        compute="_compute_is_running", help="A period that counts has not ended yet."
    )
    coverage = fields.Char("Based On", compute="_compute_coverage")
    hidden_count = fields.Integer(
        compute="_compute_hidden_count",
        help="KPIs included in the total that you do not have access to.",
        exportable=False,
    )
    largest_loss_line_id = fields.Many2one(
        "kpi.report.group.line",
        "Biggest Drag (KPI)",
        compute="_compute_largest_loss_line_id",
        help=(
            "The KPI that costs the scorecard the most points, among those you have "
            "access to."
        ),
        exportable=False,
    )
    largest_loss_points = fields.Float(
        compute="_compute_largest_loss_line_id", exportable=False
    )
    largest_loss_name = fields.Char(
        "Biggest Drag",
        compute="_compute_largest_loss_line_id",
        help=(
            "Includes who the KPI is tracked for, if it is not the scorecard's "
            "department."
        ),
    )

    @api.depends("current_period_stop")
    def _compute_is_running(self):
        today = fields.Date.context_today(self)
        for group in self:
            stop = group.current_period_stop
            group.is_running = bool(stop and today < stop)

    @api.depends("line_count", "value_count", "counted_count", "counted_weight")
    def _compute_coverage(self):
        for group in self:
            group.coverage = group._coverage()

    def _coverage(self):
        """Number of KPIs that the figure is made of, and why not of all."""
        if not self.line_count:
            return self.env._("No KPIs yet")
        if self.counted_count and not self.counted_weight:
            return self.env._(
                "No KPI is included: all KPIs with an achievement have weight 0"
            )
        if self.counted_count == self.line_count:
            return self.env._("All %s KPIs", self.line_count)
        reasons = {
            self.env._("%s without a value"): self.line_count - self.value_count,
            self.env._("%s without a target"): self.value_count - self.counted_count,
        }
        return self.env._(
            "%(counted)s of %(all)s KPIs (%(reasons)s)",
            counted=self.counted_count,
            all=self.line_count,
            reasons=", ".join(text % n for text, n in reasons.items() if n),
        )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("line_count")
    def _compute_hidden_count(self):
        seen = dict(
            self.env["kpi.report.group.line"]
            .sudo(False)
            ._read_group(
                [("group_id", "in", self.ids), ("report_id.active", "=", True)],
                ["group_id"],
                ["__count"],
            )
        )
        for group in self:
            group.hidden_count = group.line_count - seen.get(group, 0)

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("line_ids.points_lost")
    def _compute_largest_loss_line_id(self):
        lines = (
            self.env["kpi.report.group.line"]
            .sudo(False)
            .search(
                [("group_id", "in", self.ids), ("points_lost", ">", 0)],
                order="group_id, points_lost, id desc",
            )
        )
        worst = {line.group_id: line for line in lines}
        for group in self:
            group.largest_loss_line_id = worst.get(group._origin)
            group.largest_loss_points = group.largest_loss_line_id.points_lost
            report = group.largest_loss_line_id.report_id
            is_own = group.department_id and report.department_id == group.department_id
            group.largest_loss_name = report.kpi_name if is_own else report.name

    def action_open_lines(self):
        """The KPIs of the scorecard as the list of KPIs shows them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_report_action"
        )
        domain = [("group_line_ids.group_id", "=", self.id)]
        return {**action, "display_name": self.name, "domain": domain, "context": {}}
