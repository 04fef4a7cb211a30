from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from odoo.addons.kpi_base.actions import CLOSE, ticked

CHOICES = [
    ("hour", "One Hour"),
    ("tomorrow", "Until Tomorrow Morning"),
    ("week", "Until Monday Morning"),
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
        default=ticked("kpi.alert.event"),
    )
    choice = fields.Selection(CHOICES, "Snooze", required=True, default="tomorrow")
    until = fields.Datetime(
        compute="_compute_until",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )

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
        return CLOSE if answer is True else answer


class KpiAlertResolve(models.TransientModel):
    """Dialog that asks why alerts are over."""

    _name = "kpi.alert.resolve"
    _description = "Resolve KPI Alerts"
    _inherit = ["kpi.input.mixin"]

    event_ids = fields.Many2many(
        "kpi.alert.event",
        string="Alerts",
        required=True,
        default=ticked("kpi.alert.event"),
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
        return CLOSE if answer is True else answer


class KpiAlertHandOver(models.TransientModel):
    """Dialog that asks who takes over the shift at hand."""

    _name = "kpi.alert.hand.over"
    _description = "Transfer Shift"

    rota_id = fields.Many2one("kpi.alert.rota", required=True)
    user_id = fields.Many2one(
        "res.users", "To", required=True, domain=[("share", "=", False)]
    )
    unseen_notice = fields.Text(
        string="Access Warning", compute="_compute_unseen_notice"
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("rota_id", "user_id")
    def _compute_unseen_notice(self):
        for dialog in self:
            dialog.unseen_notice = dialog.rota_id._say_unseen(dialog.user_id)

    def action_hand_over(self):
        self.ensure_one()
        self.rota_id.action_hand_over(self.user_id.id)
        return CLOSE
