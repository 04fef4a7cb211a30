from odoo import api, models

from odoo.addons.kpi_base.user_link import END, HAND_OVER, STAY, Connection, UserLink


class KpiUserLink(models.AbstractModel):
    """Requests and clocks that name a person; steps hand over what is open."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        return [
            *super()._get_links(),
            UserLink("kpi.tat.request", "initiator_id", STAY),
            UserLink("kpi.tat.level", "approver_id", STAY),
            UserLink("kpi.tat.alert", "approver_id", STAY),
            UserLink("kpi.tat.hold", "user_id", STAY),
            UserLink("kpi.tat.report.schedule", "owner_id", HAND_OVER),
            UserLink(
                "kpi.tat.report.schedule",
                "user_ids",
                END,
                ending="_leave",
                connection=Connection(
                    self.env._("Report Email"),
                    since="active_since",
                    domain=(("active", "=", True),),
                ),
            ),
        ]
