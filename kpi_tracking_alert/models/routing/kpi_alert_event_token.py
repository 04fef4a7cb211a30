import binascii

from odoo import api, models
from odoo.tools.misc import hash_sign, verify_hash_signed

SCOPE = "kpi_alert_acknowledge"
VALID_HOURS = 24 * 30
PATH = "/kpi/alert"


class KpiAlertEvent(models.Model):
    """Links by which one person can acknowledge one alert without logging in.

    The text of a link is signed and stored nowhere. It works while the alert is open,
    and while the person is there and may act on it.
    """

    _inherit = "kpi.alert.event"

    def _get_acknowledge_link(self, user):
        """Address of the page on which ``user`` can acknowledge this alert."""
        self.ensure_one()
        # The secret of the database signs; nobody gets to see it.
        text = hash_sign(
            self.sudo().env, SCOPE, [self.id, user.id], expiration_hours=VALID_HOURS
        )
        return f"{self.get_base_url()}{PATH}/{text}"

    @api.model
    def _open_acknowledge_link(self, text):
        """The alert as the person of a link sees it; empty where the link opens none.

        :param text: as it stands in the address
        """
        nothing = self.browse()
        try:
            signed = verify_hash_signed(self.env, SCOPE, text)
        except (binascii.Error, UnicodeError, ValueError, IndexError):
            return nothing
        if not signed:
            return nothing
        event_id, user_id = signed
        user = self.env["res.users"].browse(user_id).exists()
        if not (user and user.active and user._is_internal()):
            return nothing
        # Less, not more: as the person whose link it is, in all their companies.
        event = (
            self.with_user(user)
            .with_context(
                allowed_company_ids=user.company_ids.ids, lang=user.lang, tz=user.tz
            )
            .search([("id", "=", event_id)])
        )
        return (
            event if event and (event.can_act or event.state == "resolved") else nothing
        )

    def _describe_page(self):
        """What the page of a link shows of this alert, in its reader's words."""
        self.ensure_one()
        line = self._describe_line({"change": "fired", "step": 0})
        return {
            "title": line.title,
            "text": line.text,
            "facts": line.facts,
            "said": self._say_state(),
            "can_acknowledge": self.state in ("firing", "snoozed"),
            "url": self._get_link(),
        }

    def _say_state(self):
        """Who has seen to it, or how it has ended; empty while nobody has."""
        if self.state == "resolved":
            return self._say_end()
        # Who has seen to it is for all who are told of it.
        person = self.sudo().acknowledged_by_id.name
        if self.state == "acknowledged" and person:
            return self.env._("%s has acknowledged this alert.", person)
        return ""
