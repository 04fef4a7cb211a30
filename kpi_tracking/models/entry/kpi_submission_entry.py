from dataclasses import replace

from odoo import api, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.engine.postgres import is_storable


class KpiSubmission(models.Model):
    """The way in: a first value, a change of one that waits, a correction."""

    _inherit = "kpi.submission"

    @api.model
    def _enter(self, entries, submit=True):
        """Take values of the user, all or none, in a constant number of statements.

        A value that still waits is changed. One that was accepted is never: its
        correction is a new version, for which a reason is asked.

        :param entries: list of ``Entry``, at most one per slot
        :param submit: hand them in; else they are saved as drafts
        :return: entries, in the order given
        :raises UserError: as ``_validate_entries``
        """
        return self._store(self._validate_entries(entries), submit)

    @api.model
    def _store(self, entries, submit=True):
        """Write entries that were checked; hand them in where asked."""
        self.env["kpi.report"].union(*(entry.report for entry in entries))._hold_locks()
        # Entries are written by their methods; who may was checked before.
        entered = self.sudo()._take(entries)
        entered._attach(entries)
        if submit:
            entered._submit()
        return entered.sudo(False)

    def _take(self, entries):
        """Write ``entries``: onto those that wait, else as new ones; in their order."""
        known = self._find_current_entries(entries)
        waiting = {
            entry.slot: known[entry.slot].filtered(_is_open) for entry in entries
        }
        fresh = [entry for entry in entries if not waiting[entry.slot]]
        created = self.with_context(mail_create_nolog=True).create(
            [self._new_values(entry, known[entry.slot]) for entry in fresh]
        )
        self.union(*waiting.values())._forget_approval()
        for entry in entries:
            waiting[entry.slot]._change(entry)
        taken = {
            **waiting,
            **{entry.slot: row for entry, row in zip(fresh, created, strict=True)},
        }
        return self.browse([taken[entry.slot].id for entry in entries])

    @api.model
    def _validate_entries(self, entries):
        """``entries`` with their contributors, where the user may enter each of them.

        :raises UserError: who, what, when or why is wrong, in words for the user
        """
        reports = self.env["kpi.report"].union(*(entry.report for entry in entries))
        reports._check_can_enter()
        checked = [self._resolve_entry(entry) for entry in entries]
        known, facts = self._find_current_entries(checked), self._fact_slots(checked)
        for entry in checked:
            self._check_correction(entry, known[entry.slot], facts)
        return checked

    @api.model
    def _resolve_entry(self, entry):
        """``entry`` with its contributor, where value and period have a meaning."""
        entry.report._check_enterable(entry.period, entry.value)
        if not entry.weight > 0:
            raise ValidationError(
                self.env._("%s, Weight: enter a number above 0.", entry.report.name)
            )
        self._check_texts(entry)
        contributor = entry.report._contributor(entry.contributor)
        return replace(entry, contributor=contributor)

    @api.model
    def _check_texts(self, entry):
        if not is_storable(f"{entry.note or ''}{entry.reason or ''}"):
            raise ValidationError(
                self.env._(
                    "%s: the note or the reason contains a character that "
                    "cannot be stored. Enter it again.",
                    entry.report.name,
                )
            )

    @api.model
    def _find_current_entries(self, entries):
        """Current entries of the slots: dict slot → entries, the accepted one first."""
        # Whoever may enter a value sees what there is already.
        slots = self.sudo()._slots((entry.report, entry.period) for entry in entries)
        return {entry.slot: slots.get(entry.slot, self.browse()) for entry in entries}

    @api.model
    def _check_correction(self, entry, known, facts):
        """Ask for the reason where ``entry`` replaces a value.

        :param known: current entries of its slot
        :param facts: slots that have a value, from ``_fact_slots``
        """
        replaces = known.filtered(_is_accepted) or entry.slot in facts
        if replaces and not (entry.reason or entry.note or "").strip():
            calendar = entry.report.definition_id.calendar_id
            raise ValidationError(
                self.env._(
                    "%(kpi)s: %(period)s already has a value. Enter a reason "
                    "for the correction.",
                    kpi=entry.report.name,
                    period=calendar._period_label(entry.period),
                )
            )

    @api.model
    def _fact_slots(self, entries):
        """Slots of one-value KPIs that have a value, wherever it came from."""
        rows = self.env["kpi.measurement"].search_fetch(
            [
                ("report_id", "in", [entry.report.id for entry in entries]),
                ("period_start", "in", [entry.period.start for entry in entries]),
            ],
            ["report_id", "grain", "period_start"],
        )
        return {
            (row.report_id.id, row.period_start, False)
            for row in rows
            if row.grain == row.report_id.definition_id.frequency
        }

    @api.model
    def _new_values(self, entry, known):
        """Values of a new entry; of a new version where one was accepted."""
        accepted = known.filtered(_is_accepted)
        return {
            **self._prepare_entry_values(entry, is_correction=bool(accepted)),
            "report_id": entry.report.id,
            "grain": entry.period.grain,
            "period_start": entry.period.start,
            "contributor_id": entry.contributor.id,
            "version": accepted.version + 1,
            "corrects_id": accepted.id,
        }

    @api.model
    def _prepare_entry_values(self, entry, is_correction):
        """Prepare the entered value and comment, and who entered them."""
        reason = entry.reason or (is_correction and entry.note)
        asked = entry.contributor or entry.report._own_people()
        return {
            "value": entry.value,
            "weight": entry.weight,
            "note": entry.note or False,
            "correction_reason": reason or False,
            "entered_by_id": self.env.uid,
            "is_for_other": self.env.user not in asked,
        }

    def _change(self, entry):
        """Another value for an entry that was not accepted yet, if there is one."""
        self.write(
            {
                **self._prepare_entry_values(
                    entry, is_correction=bool(self.corrects_id)
                ),
                "state": "draft",
                "decided_by_id": False,
                "decided_at": False,
                "rejection_reason": False,
            }
        )

    def _forget_approval(self):
        """Begin anew: nobody is asked about what is changed, or refuses it."""
        self._stop_approval()
        if self:
            self._write_approval({"approval_state": "none", "approval_level": 0})

    def _attach(self, entries):
        """Move the enterer's own files to what they are about."""
        for submission, entry in zip(self, entries, strict=True):
            if not entry.attachments:
                continue
            own = entry.attachments.filtered(
                lambda file: (
                    file.create_uid == self.env.user
                    and file.res_model == "kpi.value.entry"
                )
            )
            # The files were uploaded to the dialog, which is gone in a moment.
            own.sudo().write({"res_model": self._name, "res_id": submission.id})


def _is_open(submission):
    return submission.state != "approved"


def _is_accepted(submission):
    return submission.state == "approved"
