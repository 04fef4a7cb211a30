from odoo import models

from ..analytics.data_models.kpi_models import CODES


class KpiGalleryDashboard(models.Model):
    """Own KPIs that have a word of reports as their code are shown on the board."""

    _inherit = "kpi.gallery.dashboard"

    def _find_own_codes(self):
        own = super()._find_own_codes()
        if self != self.env.ref("kpi_bi_dashboard.kpi_gallery_dashboard_executive"):
            return own
        found = self.env["kpi.bi.analysis"]._find_metrics(CODES)
        own |= {CODES[word]: word for word, kpi in found.items() if kpi.code == word}
        return own
