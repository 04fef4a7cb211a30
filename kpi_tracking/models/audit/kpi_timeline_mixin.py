from odoo import api, models


class KpiTimelineMixin(models.AbstractModel):
    """A record whose past is told event by event, each with its place in the audit log.

    Addons add what they know by extending ``_timeline_entries``.
    """

    _name = "kpi.timeline.mixin"
    _description = "Record with a Timeline"

    @api.readonly
    def get_timeline(self):
        """The events of the record, latest first.

        :return: list of dicts: ``key``, ``kind``, ``title``, ``lines`` (list of texts),
            ``note``, ``by``, ``effective_at``, ``recorded_at``, ``seconds`` (how long
            what began then lasted, or None), ``seq`` and ``hash`` of the audit entry
        """
        self.ensure_one()
        self.check_access("read")
        # Who sees the record sees what happened to it, and that it is logged; the log's
        # texts are not shown.
        found = self.sudo()._timeline_entries()
        log_ids = [log_id for log_id, _entry in found if log_id]
        # As above.
        logs = self.env["kpi.audit.log"].sudo().browse(log_ids)
        places = {None: (0, "")} | {log.id: (log.seq, log.hash[:12]) for log in logs}
        entries = [
            {**entry, "seq": places[log_id][0], "hash": places[log_id][1]}
            for log_id, entry in found
        ]
        return sorted(
            entries, key=lambda each: (each["effective_at"], each["seq"]), reverse=True
        )

    def _timeline_entries(self):
        """(id of the audit entry or None, dict as ``get_timeline`` has it)."""
        return []

    def verify_history(self):
        """Compare the record's events with the audit log, and the log with itself.

        :return: dict with ``is_whole``, the number of ``entries`` and ``faults``: dicts
            with ``seq`` and a ``text`` that says what is wrong
        """
        self.ensure_one()
        self.check_access("read")
        # As above: what is found is about a record that the user may see.
        log = self.env["kpi.audit.log"].sudo()
        chain = [("model", "=", self._name), ("res_id", "=", self.id)]
        faults = [
            {"seq": fault.seq, "text": self._fault_text(fault.kind)}
            for fault in log._verify(self)
        ]
        # As above.
        differing = self.sudo()._differing_events()
        faults += [
            {"seq": seq, "text": self.env._("The event says otherwise than its entry.")}
            for seq in differing
        ]
        return {
            "is_whole": not faults,
            "entries": log.search_count(chain),
            "faults": faults,
        }

    def _differing_events(self):
        """Places in the chain of entries that the rows beside them contradict."""
        return []

    def _fault_text(self, kind):
        texts = {
            "changed": self.env._("The entry was changed."),
            "columns": self.env._("A column differs from the entry's text."),
            "head": self.env._("The end of the chain is another one."),
            "missing": self.env._("The entry is missing."),
            "reordered": self.env._("The entry does not follow the one before it."),
            "truncated": self.env._("Entries at the end are missing."),
        }
        return texts.get(kind, kind)
