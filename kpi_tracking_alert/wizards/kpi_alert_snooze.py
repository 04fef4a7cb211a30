from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models

CHOICES = [
    ("hour", "One hour"),
    ("tomorrow", "Until tomorrow morning"),
    ("week", "Until Monday morning"),
    ("moment", "Until…"),
]
MORNING = time(8)


class KpiAlertSnooze(models.TransientModel):
    """Dialog that asks until when alerts are silent."""

    _name = "kpi.alert.snooze"
    _description = "Snooze KPI Alerts"

    event_ids = fields.Many2many(
        "kpi.alert.event",
        string="Alerts",
        required=True,
        default=lambda self: self._get_chosen(),
    )
    choice = fields.Selection(CHOICES, "Snooze", required=True, default="tomorrow")
    until = fields.Datetime(
        compute="_compute_until",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )

    @api.model
    def _get_chosen(self):
        """Records of the list from which the dialog was opened."""
        if self.env.context.get("active_model") != "kpi.alert.event":
            return False
        return self.env.context.get("active_ids", [])

    @api.depends("choice")
    def _compute_until(self):
        """When the snooze ends, in UTC; mornings are those of the user."""
        now = datetime.now(ZoneInfo(self.env.user.tz or "UTC"))
        for wizard in self:
            if wizard.choice == "hour":
                end = now.astimezone(timezone.utc) + timedelta(hours=1)
            else:
                days = 7 - now.weekday() if wizard.choice == "week" else 1
                day = now.date() + timedelta(days=days)
                end = datetime.combine(day, MORNING, now.tzinfo)
                end = end.astimezone(timezone.utc)
            wizard.until = end.replace(microsecond=0, tzinfo=None)

    def action_snooze(self):
        self.ensure_one()
        answer = self.event_ids.action_snooze(self.until)
        return {"type": "ir.actions.act_window_close"} if answer is True else answer


class KpiAlertResolve(models.TransientModel):
    """Dialog that asks why alerts are over."""

    _name = "kpi.alert.resolve"
    _description = "Resolve KPI Alerts"
    _inherit = ["kpi.input.mixin"]

    event_ids = fields.Many2many(
        "kpi.alert.event",
        string="Alerts",
        required=True,
        default=lambda self: self.env["kpi.alert.snooze"]._get_chosen(),
    )
    reason_id = fields.Many2one(
        "kpi.alert.reason",
        required=True,
        default=lambda self: self.env["kpi.alert.reason"].search([], limit=1),
    )
    note = fields.Char()

    def action_resolve(self):
        self.ensure_one()
        answer = self.event_ids.action_resolve(self.reason_id.id, self.note)
        return {"type": "ir.actions.act_window_close"} if answer is True else answer
