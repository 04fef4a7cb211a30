from odoo import api, fields, models
from odoo.tools.misc import format_date

from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.outbox import DeliverySkipped

from .kpi_action_item_status import OPEN

ASSIGNED = "assigned_by"  # in the data of a line: who gave the action to the reader


class KpiActionItem(models.Model):
    """Messages about actions: to whoever got one, and reminders."""

    _inherit = "kpi.action.item"

    def _tell_assigned(self):
        """Let those who got actions of somebody else follow them, and tell them.

        One message per person, however many they got at once.
        """
        told = self.filtered(
            lambda item: (
                item.status in OPEN
                and item.assigned_to.active
                and item.assigned_to != self.env.user
            )
        )
        for item in told:
            # Who has something to do hears of what is said of it.
            item.sudo()._message_subscribe(item.assigned_to.partner_id.ids)
        moment = fields.Datetime.now()
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"{self._name}/{items.ids}/{person.id}/{moment}",
                    "user_id": person.id,
                    "company_id": items.company_id[:1].id,
                    "subject": self.env._("KPI actions for you: %s", len(items)),
                    "renderer": self._name,
                    "lines": [
                        {
                            "res_model": self._name,
                            "res_id": item.id,
                            "data": {ASSIGNED: self.env.uid},
                        }
                        for item in items
                    ],
                }
                for person, items in told.grouped("assigned_to").items()
            ]
        )

    @api.model
    def _render_delivery(self, delivery, lines):
        """As ``kpi.delivery`` asks for it: as the reader, of what they may see.

        :raises DeliverySkipped: the reader has nothing of it to do any more
        """
        items = self.browse(lines.mapped("res_id"))
        giver_id = (lines[:1].data or {}).get(ASSIGNED)
        text = ""
        if giver_id:
            items = items.filtered(
                lambda item: item.assigned_to == self.env.user and item.status in OPEN
            )
            if not items:
                raise DeliverySkipped(
                    self.env._("The action was done or given to somebody else.")
                )
            # Who gives somebody an action is said to them.
            giver = self.env["res.users"].sudo().browse(giver_id)
            text = self.env._("Assigned to you by %s", giver.name)
        url = f"{self.get_base_url()}/odoo/kpi-actions"
        one = f"{url}/{items.id}" if giver_id and len(items) == 1 else url
        return Message(
            items._say_assigned() if giver_id else items._say_reminded(),
            text=text,
            lines=tuple(item._describe_line(url) for item in items),
            actions=(Action(self.env._("Open Actions"), one),),
            url=one,
        )

    def _say_assigned(self):
        if len(self) == 1:
            return self.env._("KPI action for you: %s", self.name)
        return self.env._("KPI actions for you: %s", len(self))

    def _say_reminded(self):
        overdue = self.filtered("is_overdue")
        if not overdue:
            return self._say_waiting()
        return self.env._(
            "KPI actions to do: %(count)s, overdue: %(overdue)s",
            count=len(self),
            overdue=len(overdue),
        )

    def _describe_line(self, url):
        """The action in a message: what, of which KPI, and until when."""
        return Line(
            self.name,
            self.report_id.display_name,
            "warning" if self.is_overdue else "",
            ((self.env._("Due"), format_date(self.env, self.due_date)),)
            if self.due_date
            else (),
            url=f"{url}/{self.id}",
        )
