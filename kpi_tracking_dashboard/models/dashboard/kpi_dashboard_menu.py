from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command

from odoo.addons.kpi_base.roles import OFFICER

SHOWN_IN_MENU = {"name", "active", "group_ids", "has_menu", "sequence"}
SHOWN_FIRST = {"department_ids", "group_ids", "is_default", "sequence", "user_ids"}


class KpiDashboard(models.Model):
    """What officers put before others: entries of the menu, and what is shown first."""

    _inherit = "kpi.dashboard"

    has_menu = fields.Boolean(
        "Show in Menu",
        copy=False,
        help="Adds a menu item under Dashboards for the groups the dashboard is "
        "shared with.",
    )
    menu_id = fields.Many2one(
        "ir.ui.menu", readonly=True, copy=False, ondelete="set null"
    )

    @api.constrains("has_menu", "group_ids")
    def _check_menu(self):
        for dashboard in self.filtered("has_menu"):
            if not dashboard.group_ids:
                raise ValidationError(
                    self.env._(
                        "%s: choose the groups that see it in the menu.",
                        dashboard.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_can_publish(vals)
        dashboards = super().create(vals_list)
        dashboards.filtered("has_menu")._sync_menus()
        return dashboards

    def write(self, vals):
        self._check_can_publish(vals)
        result = super().write(vals)
        if not SHOWN_IN_MENU.isdisjoint(vals):
            self._sync_menus()
        return result

    def unlink(self):
        self._remove_menus()
        return super().unlink()

    def _check_can_publish(self, vals):
        """Refuse others than officers who would decide what everybody sees."""
        if self.env.su or self.env.user.has_group(OFFICER):
            return
        if self._concerns("has_menu", SHOWN_IN_MENU, vals):
            raise AccessError(
                self.env._("Only KPI officers can add dashboards to the menu.")
            )
        if self._concerns("is_default", SHOWN_FIRST, vals):
            raise AccessError(
                self.env._(
                    "Only KPI officers can choose which dashboards are shown first."
                )
            )

    def _concerns(self, flag, names, vals):
        """Whether a change gives dashboards a flag, or changes what it stands for."""
        is_set = vals.get(flag) or any(self.mapped(flag))
        return bool(is_set) and not names.isdisjoint(vals)

    def _sync_menus(self):
        """Entry and action of each dashboard, with its name and groups.

        Only administrators make menus: what is made here follows from the dashboard.
        """
        shown = self.filtered(lambda each: each.has_menu and each.active)
        (self - shown)._remove_menus()
        for dashboard in shown:
            # See above; nothing of it is what a user gave but the name and the groups.
            action = dashboard.sudo().menu_id.action or dashboard._menu_action()
            values = {
                "name": dashboard.name,
                "sequence": dashboard.sequence,
                "group_ids": [Command.set(dashboard.group_ids.ids)],
            }
            # As above.
            menu = dashboard.sudo().menu_id
            if menu:
                menu.write(values)
                action.name = dashboard.name
                continue
            parent = self.env.ref("kpi_tracking_dashboard.kpi_dashboard_menu")
            place = {"parent_id": parent.id, "action": f"{action._name},{action.id}"}
            # As above.
            dashboard.sudo().menu_id = menu.create({**values, **place})

    def _menu_action(self):
        """The action of a menu entry that shows this dashboard."""
        # As in ``_sync_menus``.
        return (
            self.env["ir.actions.client"]
            .sudo()
            .create(
                {
                    "name": self.name,
                    "tag": "kpi_tracking_dashboard.dashboard",
                    "params": {"dashboard_id": self.id},
                }
            )
        )

    @api.model
    def _find_hidden_menu_ids(self):
        """Entries of dashboards that show the user nothing."""
        # Entries follow from dashboards; who sees which of those is asked below.
        entries = self.sudo().search_fetch([("menu_id", "!=", False)], ["menu_id"])
        if not entries:
            return set()
        own = self.with_context(allowed_company_ids=self.env.user.company_ids.ids)
        listed = own.search([("id", "in", entries.ids), ("is_listed", "=", True)])
        return {each.menu_id.id for each in entries if each.id not in listed.ids}

    def _remove_menus(self):
        # What belongs to a dashboard goes with it.
        menus = self.sudo().menu_id
        actions = [menu.action for menu in menus if menu.action]
        menus.unlink()
        for action in actions:
            action.unlink()
