from odoo import api, fields, models


class KpiTatLevel(models.Model):
    """Whose clock is judged: of people who hand over, that of the successor."""

    _inherit = "kpi.tat.level"
    _kpi_measurable = True

    is_passed_on = fields.Boolean(
        "Handed Over",
        compute="_compute_is_passed_on",
        store=True,
        help="Somebody else was asked instead, whose clock went on with the time "
        "elapsed. Reports judge theirs.",
    )

    elapsed_hours = fields.Float(
        "Counted Hours",
        compute="_compute_elapsed_hours",
        store=True,
        digits=(12, 4),
        aggregator="avg",
        help="Hours that counted until the clock stopped.",
    )

    _level_start_idx = models.Index("(level_start_time)")

    @api.depends("step_id.state", "step_id.user_id", "approver_id")
    def _compute_is_passed_on(self):
        for row in self:
            step = row.step_id
            is_left = step.state in ("forwarded", "replaced")
            row.is_passed_on = is_left or step.user_id != row.approver_id

    @api.depends("elapsed_seconds")
    def _compute_elapsed_hours(self):
        for row in self:
            row.elapsed_hours = row.elapsed_seconds / 3600
