from odoo import api, models
from odoo.fields import Domain

MAX_ASKED = 100  # matching people whose access is checked, one by one


class ResUsers(models.Model):
    """Actions are offered to people who see the KPI."""

    _inherit = "res.users"

    @api.model
    @api.readonly
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """As before; with ``kpi_readers_of`` in the context, only people who see a KPI.

        ::

            <field name="assigned_to" context="{'kpi_readers_of': report_id}" />

        It is an offer: who is chosen is checked when it is stored. All are offered
        where more than ``MAX_ASKED`` match the name, or the user does not see the KPI.
        """
        readers = self._find_kpi_readers(Domain(domain or Domain.TRUE), operator, name)
        if readers is not None:
            domain = Domain(domain or Domain.TRUE) & Domain("id", "in", readers.ids)
        return super().name_search(name, domain, operator, limit)

    @api.model
    def _find_kpi_readers(self, domain, operator, name):
        """Matching people who see the KPI of the context; None = not known."""
        report_id = self.env.context.get("kpi_readers_of")
        if not isinstance(report_id, int) or not report_id:
            return None
        # By the user's rights: who sees a hidden KPI is not to be learned here.
        report = self.env["kpi.report"].search([("id", "=", report_id)])
        matching = Domain("display_name", operator, name) & domain
        people = report and self.search(matching, limit=MAX_ASKED + 1)
        if not report or len(people) > MAX_ASKED:
            return None
        return people.filtered(lambda person: report._is_readable_by(person.id))
