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

    is_left_to_others = fields.Boolean(
        "Left to Others",
        compute="_compute_is_left_to_others",
        store=True,
        help="Another one of the group claimed the request or decided. Reports judge "
        "them.",
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

    @api.depends(
        "is_of_group",
        "clock",
        "request_id.level_ids.decided_at",
        "request_id.level_ids.claimed_at",
        "request_id.level_ids.is_passed_on",
    )
    def _compute_is_left_to_others(self):
        for row in self:
            is_idle = row.is_of_group and row.clock == "stopped"
            is_idle = is_idle and not (row.decided_at or row.claimed_at)
            row.is_left_to_others = is_idle and any(
                other.decided_at or other.claimed_at for other in row._find_group()
            )

    def _find_group(self):
        """Clocks of the group that this one belongs to, but of who handed over."""
        return self.request_id.level_ids.filtered(
            lambda other: (
                other.is_of_group
                and not other.is_passed_on
                and other.level_number == self.level_number
                and other.attempt == self.attempt
            )
        )

    @api.depends("elapsed_seconds")
    def _compute_elapsed_hours(self):
        for row in self:
            row.elapsed_hours = row.elapsed_seconds / 3600
