from markupsafe import Markup

from odoo import api, models

from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.outbox import DeliverySkipped


class KpiSubmission(models.Model):
    """Messages in the chatter of an entry and its KPI, and activities for approvers."""

    _inherit = "kpi.submission"

    def _log_each(self, message_of):
        """A note on each of these entries."""
        self._message_log_batch(
            bodies={entry.id: message_of(entry) for entry in self},
            author_id=self.env.user.partner_id.id,
        )

    def _log_on_kpi(self, message_of):
        """One note on each KPI with a line per entry."""
        lines = {
            report: [message_of(entry) for entry in entries]
            for report, entries in self.grouped("report_id").items()
        }
        reports = self.env["kpi.report"].union(*lines)
        reports._message_log_batch(
            bodies={
                report.id: Markup("<br/>").join(texts)
                for report, texts in lines.items()
            },
            author_id=self.env.user.partner_id.id,
        )

    def _message_track(self, fields_iter, initial_values_dict):
        """Log changes of many entries by two statements, not by two for each."""
        labels = self.fields_get(
            fields_iter, attributes=("string", "type", "selection", "currency_field")
        )
        found = {
            entry.id: entry._mail_track(labels, initial_values_dict[entry.id])
            for entry in self.exists()
        }
        changed = self.filtered(lambda entry: found.get(entry.id, [[]])[0])
        messages = changed._message_log_batch(bodies={})
        # Only what is logged with a note tells its values; who reads it reads them.
        self.env["mail.tracking.value"].sudo().create(
            [
                {**values, "mail_message_id": message.id}
                for entry, message in zip(changed, messages, strict=True)
                for _command, _id, values in found[entry.id][1]
            ]
        )
        return found

    def _tell_enterers(self):
        """Tell those who entered values that others did not approve these."""
        told = self.filtered(lambda entry: entry.entered_by_id != self.env.user)
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"{state}:{entries[0].id}:{entries[0].decided_at}",
                    "user_id": person.id,
                    "subject": self.env._("Values rejected")
                    if state == "rejected"
                    else self.env._("Values sent back"),
                    "company_id": entries.company_id[:1].id,
                    "renderer": self._name,
                    "lines": [
                        {"res_model": self._name, "res_id": entry.id}
                        for entry in entries
                    ],
                }
                for (person, state), entries in told.grouped(
                    lambda entry: (entry.entered_by_id, entry.state)
                ).items()
            ]
        )

    @api.model
    def _render_delivery(self, delivery, lines):
        """Write which of the entries are still refused, and why.

        :raises DeliverySkipped: all were changed meanwhile
        """
        entries = self.browse(lines.mapped("res_id"))
        refused = entries.filtered(
            lambda entry: (
                entry.state in ("rejected", "draft") and entry.rejection_reason
            )
        )
        if not refused:
            raise DeliverySkipped(self.env._("The values were changed meanwhile."))
        url = f"{self.get_base_url()}/odoo/kpi-entries"
        if len(refused) == 1:
            url = f"{url}/{refused.id}"
        return Message(
            refused._build_refusal_title(),
            self.env._("Change the values and hand them in again."),
            tuple(entry._prepare_refused_line() for entry in refused),
            (Action(self.env._("Open Entries"), url),),
        )

    def _build_refusal_title(self):
        is_rejected = set(self.mapped("state")) == {"rejected"}
        if len(self) == 1:
            name = self.display_name
            if is_rejected:
                return self.env._("Rejected: %s", name)
            return self.env._("Sent back: %s", name)
        if is_rejected:
            return self.env._("%s KPI values rejected", len(self))
        return self.env._("%s KPI values sent back", len(self))

    def _prepare_refused_line(self):
        person = self._fields["decided_by_id"]._description_string(self.env)
        return Line(
            self.display_name,
            self.rejection_reason,
            "warning",
            ((person, self.decided_by_id.name),),
            f"{self.get_base_url()}/odoo/kpi-entries/{self.id}",
        )

    def _entry_message(self):
        """Describe the entry in one line: value, who entered it, for whom and why."""
        self.ensure_one()
        values = {"value": self.definition_id._format_value(self.value)}
        values["period"] = self.period_label
        if self.version > 1:
            text = self.env._("Value for %(period)s corrected to %(value)s.", **values)
        else:
            text = self.env._("Value for %(period)s: %(value)s.", **values)
        reasons = dict.fromkeys((self.correction_reason or "", self.note or ""))
        return " ".join(filter(None, (text, self._build_enterer_text(), *reasons)))

    def _build_enterer_text(self):
        """Name who entered it, where that is not who was asked."""
        asked = self.contributor_id or self.report_id._submitters()[self.report_id]
        if self.is_for_other and asked:
            return self.env._(
                "Entered by %(person)s for %(other)s.",
                person=self.entered_by_id.name,
                other=", ".join(asked.mapped("name")),
            )
        if self.contributor_id:
            return self.env._("Contributor: %s.", self.contributor_id.name)
        return ""

    def _withdrawal_message(self):
        return self.env._(
            "Value for %(period)s withdrawn: %(reason)s",
            period=self.period_label,
            reason=self.withdrawal_reason,
        )
