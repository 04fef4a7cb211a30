from odoo import fields, models


class KpiPackExport(models.TransientModel):
    """Dashboards go along with the KPIs that they show."""

    _inherit = "kpi.pack.export"

    with_dashboards = fields.Boolean(
        "Dashboards",
        default=True,
        help=("Exports the scorecards whose KPIs are all in the pack."),
    )
    dashboard_ids = fields.Many2many(
        "kpi.dashboard",
        string="Only These Dashboards",
        help="Empty: all dashboards whose KPIs are all in the pack.",
    )

    def _get_packs(self):
        packs = super()._get_packs()
        return packs.with_context(pack_dashboard_ids=self.dashboard_ids.ids)

    def _get_chosen_sections(self):
        chosen = super()._get_chosen_sections()
        return {**chosen, "dashboards": self.with_dashboards}
