from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.engine.reminding import DAYS_BEFORE
from odoo.addons.kpi_base.outbox import DeliverySkipped


class KpiBenefitAssumption(models.Model):
    """Who is to check assumptions is reminded of them."""

    _name = "kpi.benefit.assumption"
    _inherit = ["kpi.benefit.assumption", "kpi.reminder.mixin"]
    _reminded_person = "owner_id"
    _reminded_day = "review_date"

    @api.model
    def _get_waiting(self):
        return self._get_running()

    def _say_waiting(self):
        return self.env._("Assumptions to check: %s", len(self))

    @api.model
    def _render_delivery(self, delivery, lines):
        """As ``kpi.delivery`` asks for it: as the reader, of what they may see.

        :raises DeliverySkipped: the reader has none to check any more
        """
        soon = fields.Date.context_today(self) + timedelta(days=DAYS_BEFORE)
        told = self.search(
            Domain("id", "in", lines.mapped("res_id"))
            & Domain("owner_id", "=", self.env.uid)
            & Domain("review_date", "<=", soon)
            & self._get_running()
        )
        if not told:
            raise DeliverySkipped(
                self.env._("The assumption was checked or given to somebody else.")
            )
        url = f"{self.get_base_url()}/odoo/benefit-assumptions"
        return Message(
            told._say_waiting(),
            lines=tuple(one._describe_line(url) for one in told),
            actions=(Action(self.env._("Open Assumptions"), url),),
            url=url,
        )

    def _describe_line(self, url):
        """The assumption in a message: what, of which benefit, and until when."""
        return Line(
            self.name,
            self.benefit_id.display_name,
            "warning" if self.is_overdue else "",
            ((self.env._("Check by"), format_date(self.env, self.review_date)),),
            url=f"{url}/{self.id}",
        )
