from odoo import api, fields, models

HOUR = 3600


class KpiTatRequest(models.Model):
    """How long a request took, from its first submission to the decision."""

    _inherit = "kpi.tat.request"
    _kpi_measurable = True

    submitted_at = fields.Datetime(
        "First Submitted", compute="_compute_submitted_at", store=True
    )
    cycle_hours = fields.Float(
        "Cycle Time (h)",
        compute="_compute_cycle_hours",
        store=True,
        digits=(12, 4),
        aggregator="avg",
        help="Hours of the clock from the first submission to the approval or "
        "rejection.",
    )

    _opened_idx = models.Index("(COALESCE(submitted_at, create_date))")
    _submitted_idx = models.Index("(submitted_at)")

    @api.depends("approval_asked_at")
    def _compute_submitted_at(self):
        for request in self:
            # What is sent back and submitted again began the first time.
            request.submitted_at = request.submitted_at or request.approval_asked_at

    @api.depends("submitted_at", "decided_at", "approval_state")
    def _compute_cycle_hours(self):
        for request in self:
            is_decided = request.approval_state in ("approved", "rejected")
            if not (is_decided and request.submitted_at and request.decided_at):
                request.cycle_hours = False
                continue
            taken = request.decided_at - request.submitted_at
            request.cycle_hours = taken.total_seconds() / HOUR
