from odoo import Command, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.kpi_base.actions import show_notification

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
                raise UserError(
                    self.env._("%s is a user already.", partner.display_name)
                )
        # A portal user without password opens nothing to anybody.
        users = self.env["res.users"].sudo().with_context(no_reset_password=True)
        users.create(
            [
                {
                    "partner_id": partner.id,
                    "name": partner.name,
                    "login": f"agent-{partner.id}",
                    "company_id": (partner.company_id or self.env.company).id,
                    "company_ids": [
                        Command.set((partner.company_id or self.env.company).ids)
                    ],
                    "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                }
                for partner in self
            ]
        )
        return show_notification(
            self.env._(
                "%s can now be assigned to deals as an agent.",
                ", ".join(self.mapped("name")),
            ),
            next={"type": "ir.actions.client", "tag": "soft_reload"},
        )
