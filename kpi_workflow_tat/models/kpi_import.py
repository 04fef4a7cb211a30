from odoo import fields, models

from odoo.addons.kpi_base.engine.tabular import TabularError

from ..engine.xes import is_xes, open_xes

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


class KpiImportOptions(models.AbstractModel):
    """Event logs come from files, too."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[("kpi.import.event", "Event Log of Requests")],
        ondelete={"kpi.import.event": "cascade"},
    )
