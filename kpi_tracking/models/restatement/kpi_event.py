from odoo import api, models


class KpiEvent(models.AbstractModel):
    """Facts that change are watched for restatements, which others may listen to."""

    _inherit = "kpi.event"

    @api.model
    def _facts_changed(self, changes):
        self.env["kpi.restatement"]._watch_changes(changes)
        return super()._facts_changed(changes)

    @api.model
    def _values_restated(self, restatements):
        """Listen to closed periods that left their tolerance, or moved on outside it.

        :param restatements: ``kpi.restatement`` as superuser, not empty
        """
