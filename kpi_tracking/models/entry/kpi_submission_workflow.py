from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class KpiSubmission(models.Model):
    """draft → submitted → approved or rejected; correction and withdrawal."""

    _inherit = "kpi.submission"

    def action_submit(self):
        """Hand in drafts."""
        self.report_id._check_can_enter()
        self._check_mine()
        self._lock_state("draft")
        self._check_periods_unlocked()
        # Entries are written by their methods; who may was checked above.
        self.sudo()._submit()

    def action_withdraw(self):
        self.report_id._check_can_enter()
        return self._ask_reason("withdraw", self.env._("Withdraw"))

    def action_correct(self):
        """Open the dialog with what was entered, to change or correct it."""
        self.ensure_one()
        action = self.report_id.action_enter_value()
        action["name"] = (
            self.env._("Correct value")
            if self.state == "approved"
            else self.env._("Change value")
        )
        action["context"].update(
            default_day=self.period_start,
            default_contributor_id=self.contributor_id.id,
            corrected_id=self.id,
        )
        return action

    def _confirmation_text(self):
        """Say what was entered, to whoever entered it."""
        texts = {
            "draft": self.env._("Draft saved: %(value)s for %(entry)s."),
            "submitted": self.env._(
                "%(value)s entered for %(entry)s. It counts once it is approved."
            ),
        }
        text = texts.get(self.state) or self.env._("%(value)s entered for %(entry)s.")
        return text % {
            "value": self.report_id.definition_id._format_value(self.value),
            "entry": self.display_name,
        }

    def _ask_reason(self, decision, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "kpi.submission.reason",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_submission_ids": self.ids,
                "default_decision": decision,
            },
        }

    def _withdraw(self, reason):
        """Take mistaken entries back, and their values with them.

        What was entered stays readable, and so does the value that goes.

        :raises UserError: not current any more, a locked period, or no ``reason``
        :raises AccessError: somebody approved it, and the user may not do so
        """
        self._check_reason(reason)
        self.report_id._check_can_enter()
        self._check_mine()
        self._check_can_withdraw()
        self._lock_state("draft", "submitted", "approved", "rejected")
        self._check_periods_unlocked()
        # As in ``action_submit``.
        withdrawn = self.sudo()
        withdrawn._stop_approval()
        counted = withdrawn.filtered(lambda entry: entry.state == "approved")
        withdrawn.write(
            {
                "is_current": False,
                "withdrawn_by_id": self.env.uid,
                "withdrawn_at": fields.Datetime.now(),
                "withdrawal_reason": reason,
            }
        )
        counted._publish(self.env.user, reason)
        withdrawn._log_each(lambda entry: self.env._("Withdrawn: %s", reason))
        counted._log_on_kpi(lambda entry: entry._withdrawal_message())
        self.env["kpi.event"]._emit("submission.withdrawn", withdrawn)

    def _submit(self):
        """Hand these entries in; those that nobody has to approve count at once."""
        now = fields.Datetime.now()
        for entry, values in self._prepare_due_values().items():
            entry.write({**values, "state": "submitted", "submitted_at": now})
        self._log_each(lambda entry: entry._entry_message())
        self.env["kpi.event"]._emit("submission.submitted", self)
        self._ask_approval()

    def _prepare_due_values(self):
        """Entry → when it was due, and whether it comes too late."""
        due_dates = self.report_id._due_dates([entry._period_key() for entry in self])
        values = {}
        for entry in self:
            due_date = due_dates[entry._period_key()]
            today = entry.report_id.definition_id.calendar_id._today()
            is_late = entry._was_due() and today > due_date
            values[entry] = {"due_date": due_date, "is_late": is_late}
        return values

    def _was_due(self):
        """Check whether anybody was asked for the value: not before it was tracked."""
        asked_from = self.report_id.entry_date_from
        return bool(asked_from) and self._period().stop > asked_from

    def _accept(self, approver=None):
        """Let these entries count; earlier versions are superseded."""
        earlier = self.search(
            [("id", "in", self.corrects_id.ids), ("is_current", "=", True)]
        )
        earlier.is_current = False
        earlier.flush_recordset()
        decision = self._decision() if approver else {}
        self.write({**decision, "state": "approved"})
        self.flush_recordset()
        self._publish()
        self._log_on_kpi(lambda entry: entry._entry_message())
        self.env["kpi.event"]._emit("submission.approved", self)

    def _supersede(self):
        """Give way to values that came from elsewhere; what was entered stays."""
        self.is_current = False
        self._log_each(
            lambda entry: self.env._("Replaced by an imported or synced value.")
        )

    def _decision(self):
        return {"decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}

    def _lock_state(self, *states):
        """Hold these entries, and refuse them where they are past ``states``.

        Of two people who act at once one wins; the other reads who did.
        """
        self._hold_approval()
        for entry in self:
            if entry.state not in states or not entry.is_current:
                raise UserError(entry._state_refusal())

    def _state_refusal(self):
        # Who decided stands on the entry, for whoever sees it.
        person = (self.withdrawn_by_id or self.decided_by_id).sudo()
        names = {"entry": self.display_name, "person": person.name}
        if self.withdrawn_at:
            return self.env._("%(entry)s was withdrawn by %(person)s.", **names)
        if not self.is_current:
            return self.env._(
                "%(entry)s has been corrected. Open its latest version.",
                **names,
            )
        if self.decided_by_id and self.state == "approved":
            return self.env._("%(entry)s was approved by %(person)s.", **names)
        if self.decided_by_id and self.state == "rejected":
            return self.env._("%(entry)s was rejected by %(person)s.", **names)
        labels = dict(self._fields["state"]._description_selection(self.env))
        return self.env._(
            "%(entry)s: not possible while its status is “%(state)s”.",
            entry=self.display_name,
            state=labels[self.state],
        )

    def _check_mine(self):
        """Everybody changes their own part; managers and officers those of others."""
        for entry in self:
            entry.report_id._contributor(entry.contributor_id)

    def _check_periods_unlocked(self):
        for entry in self:
            entry.report_id._check_unlocked(entry._period())

    @api.model
    def _check_reason(self, reason):
        if not (reason or "").strip():
            raise ValidationError(self.env._("Enter a reason."))

    def _period_key(self):
        return self.report_id, self._period()
