from odoo import api, models


class KpiReport(models.Model):
    """The phone app is the last of the first steps."""

    _inherit = "kpi.report"

    @api.model
    def _first_steps(self):
        phone = {
            "key": "phone",
            "title": self.env._("Phone app"),
            "text": self.env._("Open it on your phone and allow notifications."),
            "button": self.env._("Open App"),
            "action": "kpi_tracking_phone.kpi_phone_action",
        }
        return [*super()._first_steps(), phone]

    @api.model
    def _find_done_steps(self):
        """The user gets notifications in the app."""
        # Devices are the system's; whether the user has one is asked.
        devices = self.env["mail.push.device"].sudo()
        own = [
            ("partner_id", "=", self.env.user.partner_id.id),
            ("is_kpi_app", "=", True),
        ]
        done = super()._find_done_steps()
        if devices.search_count(own, limit=1):
            done.add("phone")
        return done
