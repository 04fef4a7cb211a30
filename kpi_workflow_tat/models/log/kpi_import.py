from odoo import models

from odoo.addons.kpi_base.engine.tabular import TabularError

from ...engine.xes import is_xes
from ...engine.xes_table import open_xes

LARGEST_FILE = 100 * 2**20  # bytes


class KpiImport(models.Model):
    """Logs in XES are read as tables of events."""

    _inherit = "kpi.import"

    def _open_table(self):
        if self.target_model != "kpi.import.event":
            return super()._open_table()
        content = self._content()
        if not is_xes(content):
            return super()._open_table()
        if len(content) > LARGEST_FILE:
            raise TabularError(
                self.env._("The log is larger than 100 MB. Pack it: .xes.gz.")
            )
        return open_xes(content, self.env._)
