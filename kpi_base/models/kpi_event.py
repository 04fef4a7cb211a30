from odoo import api, models


class KpiEvent(models.AbstractModel):
    """Events for addons that listen.

    A listener inherits this model, extends the method and calls ``super()``::

        class KpiEvent(models.AbstractModel):
            _inherit = "kpi.event"

            @api.model
            def _event(self, name, records):
                if name == "submission.approved":
                    records._send_thanks()
                return super()._event(name, records)

    It runs in the transaction of the cause, as whoever caused it: what it writes is
    rolled back with the cause, and an error refuses it. Whatever leaves the database
    goes through the outbox.
    """

    _name = "kpi.event"
    _description = "KPI Event"

    @api.model
    def _event_models(self):
        """Name of an event → model of its records; an addon adds those it emits."""
        names = ("approval.requested", "approval.decided", "approval.escalated")
        return dict.fromkeys(names, "kpi.approval.step")

    @api.model
    def _emit(self, name, records):
        """Let listeners know of something that people did with ``records``.

            self.env["kpi.event"]._emit("submission.approved", submissions)

        :raises ValueError: a name that no addon has, or records of another model
        """
        if not records:
            return
        expected = self._event_models().get(name)
        if records._name != expected:
            raise ValueError(
                f"kpi.event {name!r} is about {expected}, not {records._name}"
            )
        self._event(name, records)

    @api.model
    def _event(self, name, records):
        """Listen to what people did: extend this.

        :param name: a key of ``_event_models``
        :param records: what it was done with; not empty
        """
