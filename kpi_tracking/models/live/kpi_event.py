from odoo import api, models

# What people do that changes what waits for others.
HEARD = (
    "submission.submitted",
    "submission.approved",
    "submission.rejected",
    "submission.withdrawn",
    "target.changed",
)


class KpiEvent(models.AbstractModel):
    """Screens that are open follow what happens."""

    _inherit = "kpi.event"

    @api.model
    def _facts_changed(self, changes):
        # Also what changed in periods that are not the current ones.
        self.env["kpi.report"].browse(changes.report_ids)._announce()
        return super()._facts_changed(changes)

    @api.model
    def _current_changed(self, reports):
        reports._announce()
        return super()._current_changed(reports)

    @api.model
    def _event(self, name, records):
        if name in HEARD:
            records.report_id._announce()
        return super()._event(name, records)
