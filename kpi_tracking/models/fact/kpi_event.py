from odoo import api, models


class KpiEvent(models.AbstractModel):
    """Events of facts and judgements, and of what people do with KPIs."""

    _inherit = "kpi.event"

    @api.model
    def _event_models(self):
        return {**super()._event_models(), "target.changed": "kpi.target"}

    @api.model
    def _facts_changed(self, changes):
        """Listen to values: called once they are written, before they are judged::

            for change in changes.rows():
                change.report_id, change.period_start, change.old, change.new

        :param changes: ``FactChanges``, of one grain and cause, not empty
        """
        # Formulas made of these values are evaluated from the first change on.
        self.env["kpi.definition"]._mark_stale(
            changes.report_ids, changes.first_period, changes.cause
        )

    @api.model
    def _periods_judged(self, rows):
        """Listen to periods that have closed and were judged, each once::

            for row in rows:
                row.report_id, row.period_start, row.achievement, row.status

        :param rows: ``kpi.target.value`` as superuser, not empty
        """

    @api.model
    def _current_changed(self, reports):
        """Listen to current values, achievements and statuses that were worked out.

        :param reports: ``kpi.report`` as superuser; some may be as they were
        """
