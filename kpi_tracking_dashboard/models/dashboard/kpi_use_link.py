from odoo import api, models

from odoo.addons.kpi_base.use_link import UseLink

KPI = "kpi.definition"
OF_TILES = ("definition_ids", "report_ids.definition_id")


class KpiUseLink(models.AbstractModel):
    """Dashboards, their mails and links use KPIs."""

    _inherit = "kpi.use.link"

    @api.model
    def _get_links(self):
        by_tiles = [
            ("kpi.dashboard.tile", "", self.env._("Dashboards"), "dashboard_id"),
            (
                "kpi.dashboard.schedule",
                "dashboard_id.tile_ids.",
                self.env._("Emails"),
                "",
            ),
            ("kpi.dashboard.share", "dashboard_id.tile_ids.", self.env._("Links"), ""),
        ]
        return [
            *super()._get_links(),
            *(
                UseLink(KPI, model, f"{path}{field}", label, shown_as)
                for model, path, label, shown_as in by_tiles
                for field in OF_TILES
            ),
        ]
