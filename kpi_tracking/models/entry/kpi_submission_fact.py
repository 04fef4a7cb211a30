import numpy as np

from odoo import models

from ...engine.rollup import roll_up_scopes


class KpiSubmission(models.Model):
    """From accepted entries to the fact of the period."""

    _inherit = "kpi.submission"

    def _publish(self, author=None, reason=None):
        """Bring the facts in line with the accepted entries of these periods.

        :param author: who is recorded as having changed them; default: who entered
        :param reason: stored with the revision where a value is replaced or taken away;
            default: what the entry says
        """
        self._ensure_days()

        def revision_key(entry):
            why = reason or entry.correction_reason or entry.note
            return entry.grain, author or entry.entered_by_id, why

        accepted = self._find_accepted_entries()
        for (grain, user, why), entries in self.grouped(revision_key).items():
            rows = {
                entry._period_key(): entry._fact_row(accepted[entry])
                for entry in entries
            }
            # Facts are the engine's to write; they tell who entered them.
            facts = self.env["kpi.measurement"].with_user(user).sudo()
            facts._upsert(grain, rows.values(), source="manual", reason=why or None)

    def _ensure_days(self):
        by_calendar = self.grouped(lambda one: one.report_id.definition_id.calendar_id)
        for calendar, entries in by_calendar.items():
            periods = [entry._period() for entry in entries]
            # Days are the engine's own.
            calendar.sudo()._ensure_days(
                min(period.start for period in periods),
                max(period.stop for period in periods),
            )

    def _fact_row(self, accepted):
        """The fact of the period as ``_upsert`` takes it; no value removes it.

        :param accepted: entries of the period, from ``_find_accepted_entries``
        """
        key = (self.report_id.id, self.period_start)
        if self.report_id.entry_mode != "parts":
            return (*key, accepted.value if accepted else None)
        if not accepted:
            return (*key, None)
        asked = self.report_id._submitters()[self.report_id]
        rolled = roll_up_scopes(
            np.array(accepted.mapped("value"), float)[:, None],
            np.zeros(len(accepted), int),
            1,
            self.definition_id.aggregation_scope,
            weights=np.array(accepted.mapped("weight"), float)[:, None],
        )
        return (
            *key,
            float(rolled.values[0, 0]),
            float(rolled.weights[0, 0]),
            None,
            len(accepted),
            len(asked | accepted.contributor_id),
        )

    def _find_accepted_entries(self):
        """The accepted values of these entries' periods: one each, or several parts.

        :return: dict entry → accepted entries
        """
        accepted = self.search(
            [
                ("report_id", "in", self.report_id.ids),
                ("period_start", "in", list(set(self.mapped("period_start")))),
                ("is_current", "=", True),
                ("state", "=", "approved"),
            ]
        )
        counting = accepted.filtered(
            lambda one: (
                bool(one.contributor_id) == (one.report_id.entry_mode == "parts")
            )
        ).grouped(_key_of)
        return {entry: counting.get(_key_of(entry), self.browse()) for entry in self}


def _key_of(entry):
    return entry.report_id, entry.grain, entry.period_start
