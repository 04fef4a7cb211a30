from odoo import api, fields, models
from odoo.fields import Domain

OPEN = ("open", "in_progress")
# Status → the event that it is said with.
STATUS_EVENTS = {
    "open": "action.reopened",
    "in_progress": "action.started",
    "completed": "action.completed",
    "cancelled": "action.cancelled",
}


class KpiActionItem(models.Model):
    """How far an action is."""

    _inherit = "kpi.action.item"

    status = fields.Selection(
        [
            ("open", "Open"),
            ("in_progress", "In Progress"),
            ("completed", "Completed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="open",
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    completed_at = fields.Datetime("Completed On", readonly=True, copy=False)
    effective_date = fields.Date(
        "In Effect From",
        copy=False,
        help="First day on which it works: what the KPI was before and after is"
        " compared. The day of completion unless another one is chosen.",
    )
    is_overdue = fields.Boolean(
        "Overdue",
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        exportable=False,
    )

    @api.depends("due_date", "status")
    @api.depends_context("tz")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for item in self:
            item.is_overdue = (
                bool(item.due_date) and item.status in OPEN and item.due_date < today
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("status", "in", OPEN)
        domain &= Domain("due_date", "<", fields.Date.context_today(self))
        return domain if True in value else ~domain

    def action_start(self):
        """Say that somebody is doing it."""
        self.status = "in_progress"
        return True

    def action_complete(self):
        """Say that it is done; from now on its effect is looked at."""
        self.status = "completed"
        return True

    def action_cancel(self):
        """Say that nobody will do it."""
        self.status = "cancelled"
        return True

    def action_reopen(self):
        """Say that it is to be done after all."""
        self.status = "open"
        return True

    def _follow_status(self):
        """Note when it was completed; what is not has no effect."""
        for item in self:
            if item.status == "completed":
                # When that was is noted, not typed.
                item.sudo().completed_at = item.completed_at or fields.Datetime.now()
                today = fields.Date.context_today(item)
                item.effective_date = item.effective_date or today
            elif item.completed_at or item.effective_date:
                # As above.
                item.sudo().completed_at = False
                item.effective_date = False

    def _emit_status(self):
        for status, items in self.grouped("status").items():
            self.env["kpi.event"]._emit(STATUS_EVENTS[status], items)
