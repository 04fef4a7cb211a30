from odoo import api, models


class IrUiMenu(models.Model):
    """Entries of dashboards that show somebody nothing are not in their menu."""

    _inherit = "ir.ui.menu"

    @api.model
    def load_web_menus(self, debug):
        menus = super().load_web_menus(debug)
        # Not cached as the menus are: what one may see changes without them.
        hidden = self.env["kpi.dashboard"]._find_hidden_menu_ids()
        return {
            key: {**menu, "children": [c for c in menu["children"] if c not in hidden]}
            for key, menu in menus.items()
            if key not in hidden
        }
