from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, Connection, UserLink


class KpiUserLink(models.AbstractModel):
    """Connectors of somebody who leaves."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        mine = UserLink(
            "kpi.bi.connector",
            "owner_id",
            HAND_OVER,
            ending="action_archive",
            connection=Connection(
                self.env._("Connector"), domain=(("active", "=", True),)
            ),
        )
        return [*super()._get_links(), mine]
