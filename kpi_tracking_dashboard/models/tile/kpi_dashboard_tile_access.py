from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.schemas.base import Id


class KpiDashboardTile(models.Model):
    """Tiles belong to their dashboard: each change of one is a change of it."""

    _inherit = "kpi.dashboard.tile"

    @api.model_create_multi
    def create(self, vals_list):
        tiles = super().create(vals_list)
        tiles.dashboard_id._bump_revision()
        return tiles

    def write(self, vals):
        before = self.dashboard_id
        result = super().write(vals)
        if "dashboard_id" in vals:
            # Odoo looks at the record before the change only.
            self.check_access("write")
        (before | self.dashboard_id)._bump_revision()
        return result

    def _write_layout(self, values):
        """As ``write`` of order and size; the revision is the caller's."""
        # Not the write above, which would count a change for each tile.
        # pylint: disable=super-method-mismatch
        return super().write(values)

    def unlink(self):
        dashboards = self.dashboard_id
        result = super().unlink()
        dashboards._bump_revision()
        return result

    def move_to(self, dashboard_id: Id):
        """Put these tiles at the end of another dashboard of the user's.

        Where others look at it, they are put into its draft.

        :raises AccessError: the user may not arrange one of both
        """
        target = self.env["kpi.dashboard"].browse(dashboard_id)
        if not target.exists():
            raise UserError(
                self.env._("This dashboard does not exist anymore. Choose another one.")
            )
        target.check_access("write")
        target = target._get_arranged()
        last = max(target.tile_ids.mapped("sequence"), default=0)
        for place, tile in enumerate(self.sorted(), start=1):
            tile.write({"dashboard_id": target.id, "sequence": last + place})
        return True
