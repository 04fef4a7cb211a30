from odoo import api, models

from odoo.addons.kpi_base.user_link import END, STAY, Connection, UserLink


class KpiUserLink(models.AbstractModel):
    """Devices that somebody is signed in on, and where notifications come."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        return [
            *super()._get_links(),
            # Sessions of archived users are over by themselves.
            UserLink(
                "res.device",
                "user_id",
                STAY,
                ending="_revoke",
                connection=Connection(
                    self.env._("Device"),
                    since="first_activity",
                    last_used="last_activity",
                    asks_password=True,
                ),
            ),
            UserLink(
                "mail.push.device",
                "user_ids",
                END,
                ending="unlink",
                connection=Connection(self.env._("Push Notifications")),
            ),
        ]
