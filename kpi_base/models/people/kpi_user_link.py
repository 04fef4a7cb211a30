from odoo import api, models
from odoo.fields import Domain

from ...user_link import END, HAND_OVER, STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """All that hangs on a person, as the addons name it."""

    _name = "kpi.user.link"
    _description = "User References"

    @api.model
    def _get_links(self):
        """The ``UserLink`` of all addons; extended by each for its own models."""
        return [
            UserLink("kpi.team", "leader_id", HAND_OVER),
            UserLink("kpi.team.member", "user_id", END, (("date_to", "=", False),)),
            UserLink("kpi.api.key", "user_id", END, (("revoked_at", "=", False),)),
            UserLink("kpi.delivery", "user_id", END, (("state", "=", "waiting"),)),
            UserLink(
                "kpi.import",
                "create_uid",
                END,
                (("state", "in", ("queued", "running")),),
            ),
            UserLink("kpi.membership", "user_id", STAY),
            UserLink("kpi.audit.log", "user_id", STAY),
            UserLink("kpi.job", "requested_by_id", STAY),
        ]

    @api.model
    def _find_records(self, user, on_leaving):
        """Find the records that name ``user`` and are to be handed over, or to end.

        :param on_leaving: as a ``UserLink`` says it
        :return: dict ``UserLink`` → its records, archived ones too, none empty
        """
        found = {}
        for link in self._get_links():
            if link.on_leaving == on_leaving:
                # Who handles leaving must see all of it, whoever may read what.
                records = self.env[link.model].sudo().with_context(active_test=False)
                own = Domain(link.field, "in", user.ids) & Domain(list(link.domain))
                found[link] = records.search(own)
        return {link: records for link, records in found.items() if records}
