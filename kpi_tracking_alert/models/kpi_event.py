from odoo import api, models


class KpiEvent(models.AbstractModel):
    """What happens to alerts, and what makes rules look at KPIs and webhooks speak."""

    _inherit = "kpi.event"

    @api.model
    def _event_models(self):
        names = ("alert.fired", "alert.acknowledged", "alert.resolved")
        return {**super()._event_models(), **dict.fromkeys(names, "kpi.alert.event")}

    @api.model
    def _facts_changed(self, changes):
        self.env["kpi.smart.alert"]._mark(changes.report_ids)
        event = "measurement.changed"
        if changes.added_ids or changes.revision_ids:
            reports = self.env["kpi.report"].browse(changes.report_ids)
            sent = self.env["kpi.webhook"]._find_sent(event)
            webhooks = sent and sent._filter_listening(reports)
            if webhooks:
                batch_ids = self.env["kpi.webhook.change"]._keep_facts(changes)
                webhooks._queue_batches(event, batch_ids)
        return super()._facts_changed(changes)

    @api.model
    def _current_changed(self, reports):
        """Once periods have closed, were judged, or have another target."""
        self.env["kpi.smart.alert"]._mark(reports.ids)
        return super()._current_changed(reports)

    @api.model
    def _event(self, name, records):
        webhooks = self.env["kpi.webhook"]
        is_sent = records._name in webhooks._get_content_fields()
        sent = webhooks._find_sent(name) if is_sent else webhooks
        if sent:
            # What happened is said to those who may know, whoever did it.
            reports_of = webhooks._get_reports_of(records.sudo())
            reports = self.env["kpi.report"].union(*reports_of.values())
            listening = reports and sent._filter_listening(reports)
            if listening:
                changes = self.env["kpi.webhook.change"]
                batch_ids = changes._keep_records(name, reports_of)
                listening._queue_batches(name, batch_ids)
        return super()._event(name, records)
