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

    def _tell_enterers(self):
        """Tell those who entered values that these were rejected, if others did so."""
        told = self.filtered(lambda entry: entry.entered_by_id != self.env.user)
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"rejected:{entries[0].id}:{entries[0].decided_at}",
                    "user_id": person.id,
                    "subject": self.env._("Values rejected"),
                    "company_id": entries.company_id[:1].id,
                    "renderer": self._name,
                    "lines": [
                        {"res_model": self._name, "res_id": entry.id}
                        for entry in entries
                    ],
                }
                for person, entries in told.grouped("entered_by_id").items()
            ]
        )

    @api.model
    def _render_delivery(self, delivery, lines):
        """Write which of the entries are rejected still, and why.

        :raises DeliverySkipped: all were changed meanwhile
        """
        entries = self.browse(lines.mapped("res_id"))
        rejected = entries.filtered(lambda entry: entry.state == "rejected")
        if not rejected:
            raise DeliverySkipped(self.env._("The values were changed meanwhile."))
        url = f"{self.get_base_url()}/odoo/kpi-entries"
        if len(rejected) == 1:
            title = self.env._("Rejected: %s", rejected.display_name)
            url = f"{url}/{rejected.id}"
        else:
            title = self.env._("%s KPI values rejected", len(rejected))
        return Message(
            title,
            self.env._("Change the values and hand them in again."),
            tuple(entry._prepare_rejected_line() for entry in rejected),
            (Action(self.env._("Open Entries"), url),),
        )

    def _prepare_rejected_line(self):
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

    def _ask_approval(self):
        """An activity for who decides first, without a mail for each."""
        approvers = self._approvers()
        for entry in self.with_context(mail_activity_quick_update=True):
            nearest = approvers[entry][:1]
            if nearest:
                entry.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Approve or reject"),
                    user_id=nearest.id,
                )

    def _close_activities(self):
        self.activity_ids.unlink()
