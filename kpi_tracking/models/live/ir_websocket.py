import re

from odoo import api, models
from odoo.fields import Domain

from .kpi_report import CHANNEL

PREFIX = "kpi_tracking."
NAME = re.compile(r"kpi_tracking\.(company|dashboard|department)_([1-9][0-9]{0,9})")
MAX_ID = 2**31 - 1


class IrWebsocket(models.AbstractModel):
    """Who may listen to changes of KPIs; what they are is read under record rules."""

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Swap names of our channels for the records that they stand for.

        Odoo lets everybody listen to any name; names of ours that are malformed or
        stand for what the user has no part in are left out.
        """
        ours = {
            name
            for name in channels
            if isinstance(name, str) and name.startswith(PREFIX)
        }
        others = [name for name in channels if name not in ours]
        allowed = super()._build_bus_channel_list(others)
        if ours and self.env.user.has_group("kpi_tracking.kpi_tracking_group_user"):
            asked = self._asked(ours)
            listened = (*self._listened(asked), self._listened_dashboards(asked))
            allowed.extend((record, CHANNEL) for each in listened for record in each)
        return allowed

    @api.model
    def _asked(self, names):
        """The ids in these names, by what they stand for."""
        asked = {"company": [], "dashboard": [], "department": []}
        for match in filter(None, map(NAME.fullmatch, names)):
            if int(match[2]) <= MAX_ID:
                asked[match[1]].append(int(match[2]))
        return asked

    def _listened_dashboards(self, asked):
        """Those that the user sees, in any of their companies."""
        companies = self.env.user.company_ids.ids
        dashboards = self.env["kpi.dashboard"].with_context(
            active_test=False, allowed_company_ids=companies
        )
        return dashboards.search(Domain("id", "in", asked["dashboard"]))

    def _listened(self, asked):
        """Companies and departments of those asked for to which the user may listen.

        A company's brings the user's departments there along: those they work in or
        manage. Every employee may read every department: that is no permission.
        """
        user = self.env.user
        companies = user.company_ids.filtered(lambda each: each.id in asked["company"])
        # Working in a department is no secret to whoever works there.
        own = user.sudo().employee_ids.department_id
        mine = Domain("is_managed_by_me", "=", True) | Domain("id", "in", own.ids)
        if user.has_group("kpi_tracking.kpi_tracking_group_officer"):
            mine = Domain("company_id", "in", [*user.company_ids.ids, False])
        there = Domain("company_id", "in", [*companies.ids, False])
        there = there if companies else Domain.FALSE
        departments = self.env["hr.department"].with_context(active_test=False)
        named = Domain("id", "in", asked["department"])
        return companies, departments.search(mine & (named | there))
