from odoo import models

from ...engine.output.workbook import workbook


class KpiDashboard(models.Model):
    """The dashboard as a spreadsheet."""

    _inherit = "kpi.dashboard"

    def _file_xlsx(self, answer, tiles):
        return workbook(answer["dashboard"]["name"], tiles, self._drawing_words())
