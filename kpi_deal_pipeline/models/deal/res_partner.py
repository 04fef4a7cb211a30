from odoo import Command, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.kpi_base.actions import RELOAD, show_notification

from ... import roles


class ResPartner(models.Model):
    """Agents from outside: they stand in deals, and cannot log in."""

    _inherit = "res.partner"

    def action_make_deal_agent(self):
        """Make a portal user without password, who can be the agent of deals.

        :return: action that says so
        """
        self.check_access("read")
        if not self.env.user.has_group(roles.ADMIN):
            raise AccessError(
                self.env._("Only deal administrators can turn contacts into agents.")
            )
        for partner in self:
            if partner.with_context(active_test=False).user_ids:
                name = partner.display_name
                raise UserError(self.env._("%s is already a user.", name))
        # A portal user without password opens nothing to anybody.
        users = self.env["res.users"].sudo().with_context(no_reset_password=True)
        users.create(
            [
                {
                    "partner_id": partner.id,
                    "name": partner.name,
                    "login": f"{roles.OUTSIDE_LOGIN}{partner.id}",
                    "company_id": company.id,
                    "company_ids": [Command.set(company.ids)],
                    "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                }
                for partner in self
                for company in [partner.company_id or self.env.company]
            ]
        )
        names = ", ".join(self.mapped("name"))
        said = self.env._("%s can now be assigned to deals as an agent.", names)
        return show_notification(said, next=RELOAD)
