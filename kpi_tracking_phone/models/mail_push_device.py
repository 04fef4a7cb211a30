from odoo import api, fields, models
from odoo.http import STORED_SESSION_BYTES, request


class MailPushDevice(models.Model):
    """Devices of the app, and which session each belongs to."""

    _inherit = "mail.push.device"

    user_ids = fields.One2many(related="partner_id.user_ids")
    session_identifier = fields.Char(index="btree_not_null")
    is_kpi_app = fields.Boolean("KPI Phone App")
    odoo_endpoint = fields.Char()
    shows_numbers = fields.Boolean(
        string="Show Numbers",
        help="Show numbers in notifications, including on the lock screen.",
    )

    @api.depends("session_identifier", "is_kpi_app")
    # pylint: disable-next=missing-return  # Odoo's returns nothing
    def _compute_display_name(self):
        """Name the app and the browser that notifications come in."""
        sessions = self.env["res.device"].search(
            [("session_identifier", "in", self.mapped("session_identifier"))]
        )
        names = {each.session_identifier: each.display_name for each in sessions}
        for device in self:
            app = self.env._("KPI Phone App") if device.is_kpi_app else "Odoo"
            browser = names.get(device.session_identifier)
            device.display_name = f"{app}, {browser}" if browser else app

    @api.model
    def register_devices(self, **kw):
        """Remember the session: nothing rings here once it is over."""
        result = super().register_devices(**kw)
        if request and request.session.uid:
            own = [("endpoint", "=", kw.get("endpoint"))]
            # A browser names its own device; Odoo has just written it.
            device = self.sudo().search(own)
            device.session_identifier = get_session_identifier()
        return result

    @api.model
    def _forget_sessions(self, identifiers):
        """Delete the devices of sessions that are over."""
        # Whose session is over has no say in it.
        self.sudo().search([("session_identifier", "in", identifiers)]).unlink()


def get_session_identifier():
    """The part of the session's id that stays; Odoo's own devices have it, too."""
    return request.session.sid[:STORED_SESSION_BYTES]
