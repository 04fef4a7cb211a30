from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.actions import CLOSE, show_notification

from ..models.output.kpi_dashboard_records import printer


class KpiDashboardMailWizard(models.TransientModel):
    """Mail a dashboard once, as its scheduled emails do."""

    _name = "kpi.dashboard.mail.wizard"
    _description = "Email KPI Dashboard"

    dashboard_id = fields.Many2one("kpi.dashboard", required=True, readonly=True)
    user_ids = fields.Many2many(
        "res.users",
        "kpi_dashboard_mail_wizard_user_rel",
        string="Recipients",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    has_pdf = fields.Boolean("With PDF", default=lambda self: bool(printer()))
    has_xlsx = fields.Boolean("With Excel File")

    def action_send(self):
        """Send it, and say to whom."""
        self.ensure_one()
        queued = self.env["kpi.dashboard.schedule"]._send_once(
            self.dashboard_id,
            self.user_ids,
            has_pdf=self.has_pdf and bool(printer()),
            has_xlsx=self.has_xlsx,
        )
        # Who gets the mail is what was just asked for.
        receivers = queued.sudo().user_id
        if not receivers:
            raise UserError(self.env._("No recipient can access the dashboard's KPIs."))
        blind = self.user_ids - receivers
        sent, people = (", ".join(some.mapped("name")) for some in (receivers, blind))
        message = self.env._("Sending the email to %s.", sent)
        if blind:
            more = self.env._("Not sent to %s: no access.", people)
            message = f"{message} {more}"
        kind = "warning" if blind else "success"
        return show_notification(message, type=kind, next=CLOSE)
