from odoo import api, fields, models


class KpiDashboardTile(models.Model):
    """Tiles of drafts know the published ones that they are to replace."""

    _name = "kpi.dashboard.tile"
    _inherit = ["kpi.dashboard.tile", "kpi.readonly.mixin"]

    published_tile_id = fields.Many2one(
        "kpi.dashboard.tile",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        exportable=False,
    )

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("kpi_arrange_in_draft"):
            dashboards = self.env["kpi.dashboard"]
            vals_list = [dict(vals) for vals in vals_list]
            for vals in vals_list:
                dashboard = dashboards.browse(vals.get("dashboard_id"))
                vals["dashboard_id"] = dashboard._get_arranged().id
        return super().create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if "dashboard_id" in vals:
            # Elsewhere they replace none; who may move them has been asked.
            self.filtered("published_tile_id").sudo().published_tile_id = False
        return result

    def _take_over(self, other):
        """Show what another tile shows; the id and the dashboard stay."""
        self.ensure_one()
        (values,) = other.with_context(active_test=False).copy_data()
        stay = {"dashboard_id", *other.dashboard_id._get_translated_names()}
        self.write({name: value for name, value in values.items() if name not in stay})
