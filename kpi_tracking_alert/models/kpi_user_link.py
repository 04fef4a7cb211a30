from odoo import api, models

from odoo.addons.kpi_base.user_link import END, HAND_OVER, STAY, Connection, UserLink

IS_OPEN = ("state", "!=", "resolved")


class KpiUserLink(models.AbstractModel):
    """Channels and webhooks of somebody who leaves."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        rule, event = "kpi.smart.alert", "kpi.alert.event"
        return [
            *super()._get_links(),
            UserLink(rule, "owner_id", HAND_OVER, (("is_personal", "=", False),)),
            # Rules of one's own notify nobody else.
            UserLink(
                rule,
                "owner_id",
                END,
                (("is_personal", "=", True), ("state", "=", "on")),
                ending="action_turn_off",
                connection=Connection(self.env._("My Alert Rule")),
            ),
            UserLink(rule, "user_ids", END),
            UserLink("kpi.alert.channel", "owner_id", HAND_OVER),
            UserLink("kpi.webhook", "owner_id", HAND_OVER),
            UserLink(
                "kpi.alert.shift", "user_id", HAND_OVER, (("date_to", ">", "now"),)
            ),
            UserLink(event, "assignee_id", HAND_OVER, (IS_OPEN,)),
            UserLink("kpi.alert.quiet", "user_id", END, ending="unlink"),
            UserLink("kpi.alert.mute", "user_id", END, ending="unlink"),
            UserLink(event, "personal_user_id", STAY),
            UserLink(event, "acknowledged_by_id", STAY),
            UserLink(event, "resolved_by_id", STAY),
            UserLink(event, "addressee_ids", STAY),
            UserLink("kpi.alert.change", "user_id", STAY),
            UserLink("kpi.alert.notice", "user_id", STAY),
        ]
