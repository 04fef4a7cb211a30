from odoo import models
from odoo.exceptions import UserError

MOST_ROWS = 500  # each of which is looked up


class KpiTatView(models.AbstractModel):
    """The requests behind rows of a report, as an event log."""

    _inherit = "kpi.tat.view"

    def action_export_xes(self):
        """Open the event log of the requests that these rows are about.

        All rows of the list where none is chosen.
        """
        rows = self or self.search(self.env.context.get("active_domain") or [])
        return rows._find_requests().action_export_xes()

    def _find_requests(self):
        """The requests behind these rows, as far as the user sees them.

        :raises UserError: too many rows that count several requests
        """
        if "request_id" in self._fields:
            return self.request_id.sorted("id")
        if len(self) > MOST_ROWS:
            raise UserError(self.env._("Choose at most %s rows.", MOST_ROWS))
        ids = set()
        for row in self:
            model, domain = row._get_counted()
            records = self.env[model].search(domain & self._get_real_domain(model))
            is_request = model == "kpi.tat.request"
            ids.update(records.ids if is_request else records.request_id.ids)
        return self.env["kpi.tat.request"].browse(sorted(ids))
