from odoo import api, fields, models
from odoo.tools.misc import format_date, format_time

from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.outbox import DeliverySkipped

INVITED = "is_invitation"  # in the data of a line


class KpiReviewMeeting(models.Model):
    """Invitations, with the time as each receiver's clock shows it."""

    _inherit = "kpi.review.meeting"

    def _tell_participants(self, people):
        """Let people follow a meeting that is planned, and invite them."""
        people = (people - self.env.user).filtered("active")
        if not people or self.state != "planned":
            return
        # Who takes part hears of what changes.
        self.sudo()._message_subscribe(people.partner_id.ids)
        moment = fields.Datetime.now()
        line = {"res_model": self._name, "res_id": self.id, "data": {INVITED: True}}
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"{self._name}/{self.id}/invitation/{person.id}/{moment}",
                    "user_id": person.id,
                    "company_id": self.company_id.id,
                    "subject": self.env._("Invitation: %s", self.name),
                    "res_model": self._name,
                    "res_id": self.id,
                    "renderer": self._name,
                    "lines": [line],
                }
                for person in people
            ]
        )

    @api.model
    def _render_delivery(self, delivery, lines):
        """As ``kpi.delivery`` asks for it: as the reader, of what they may see."""
        meeting = self.browse(delivery.res_id)
        if (lines[:1].data or {}).get(INVITED):
            return meeting._write_invitation()
        return meeting._write_minutes(lines)

    def _write_invitation(self):
        """The invitation.

        :raises DeliverySkipped: it does not take place, or without the reader
        """
        # Who takes part is known to those who do.
        if self.state != "planned" or self.env.user not in self.sudo().participant_ids:
            raise DeliverySkipped(self.env._("The meeting takes place without them."))
        organiser = self._fields["user_id"]._description_string(self.env)
        starts = self._fields["starts_at"]._description_string(self.env)
        # As above.
        facts = ((starts, self._say_when()), (organiser, self.sudo().user_id.name))
        return Message(
            self.env._("Invitation: %s", self.name),
            text=self.env._(
                "You are invited to a review of %s.", self.group_id.display_name
            ),
            lines=(Line(self.name, facts=facts, url=self._get_url()),),
            actions=(Action(self.env._("Open Meeting"), self._get_url()),),
            url=self._get_url(),
        )

    def _say_when(self):
        """When it starts on the reader's clock, and which clock that is."""
        local = fields.Datetime.context_timestamp(self, self.starts_at)
        return self.env._(
            "%(day)s, %(time)s (%(zone)s)",
            day=format_date(self.env, local.date()),
            time=format_time(self.env, local.time(), time_format="short"),
            zone=self.env.context.get("tz") or "UTC",
        )

    def _get_url(self):
        return f"{self.get_base_url()}/odoo/kpi-reviews/{self.id}"
