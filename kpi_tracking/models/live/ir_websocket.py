import re
from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.kpi_base.roles import OFFICER, USER

from .kpi_report import CHANNEL

PREFIX = "kpi_tracking."
NAME = re.compile(r"kpi_tracking\.([a-z]+)_([1-9][0-9]{0,9})")
MAX_ID = 2**31 - 1


class IrWebsocket(models.AbstractModel):
    """Right to listen to changes of KPIs; the KPIs are read under record rules."""

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
        if ours and self.env.user.has_group(USER):
            asked = self._parse_names(ours)
            listened = self._find_listened(asked)
            allowed.extend((record, CHANNEL) for each in listened for record in each)
        return allowed

    @api.model
    def _parse_names(self, names):
        """The ids in these names, by the word that says what they stand for."""
        asked = defaultdict(list)
        for match in filter(None, map(NAME.fullmatch, names)):
            if int(match[2]) <= MAX_ID:
                asked[match[1]].append(int(match[2]))
        return asked

    def _find_listened(self, asked):
        """Records of those asked for to which the user may listen: recordsets.

        Addons add theirs, found with the user's rights, for ``kpi_tracking.board_7``::

            def _find_listened(self, asked):
                boards = self.env["board"].search([("id", "in", asked["board"])])
                return [*super()._find_listened(asked), boards]

        :param asked: word → ids, as ``_parse_names`` returns them
        """
        return [*self._find_listened_scopes(asked)]

    def _find_listened_scopes(self, asked):
        """Companies and departments of those asked for to which the user may listen.

        A company's brings the user's departments there along: those they work in or
        manage. Every employee may read every department: that is no permission.
        """
        user = self.env.user
        companies = user.company_ids.filtered(lambda each: each.id in asked["company"])
        # Working in a department is no secret to whoever works there.
        own = user.sudo()._kpi_find_employees().filtered("active").department_id
        mine = Domain("is_managed_by_me", "=", True) | Domain("id", "in", own.ids)
        if user.has_group(OFFICER):
            mine = Domain("company_id", "in", [*user.company_ids.ids, False])
        there = Domain("company_id", "in", [*companies.ids, False])
        there = there if companies else Domain.FALSE
        departments = self.env["hr.department"].with_context(active_test=False)
        named = Domain("id", "in", asked["department"])
        return companies, departments.search(mine & (named | there))
