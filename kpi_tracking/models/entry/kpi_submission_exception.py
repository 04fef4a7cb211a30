from odoo import models
from odoo.exceptions import ValidationError

from .entry import Entry

OFF_TRACK = "off_target"


class KpiSubmission(models.Model):
    """Entries that are asked about because of what they say."""

    _inherit = "kpi.submission"

    def _filter_below_threshold(self):
        """Those whose value is off track."""
        statuses = self.env["kpi.report"]._find_entry_statuses(self._list_entries())
        return self.filtered(lambda entry: statuses.get(entry) == OFF_TRACK)

    def _filter_exceptional_submission(self):
        """Those far outside the usual, late, or entered for somebody else."""
        unusual = self.env["kpi.report"]._find_unusual(self._list_entries())
        return self.filtered(
            lambda entry: entry in unusual or entry.is_late or entry.is_for_other
        )

    def _list_entries(self):
        return {
            entry: Entry(
                entry.report_id,
                entry._period(),
                entry.value,
                contributor=entry.contributor_id,
            )
            for entry in self
        }

    def _check_can_ask(self, workflow):
        """Ask why a value is off track.

        :raises ValidationError: an entry does not say so
        """
        super()._check_can_ask(workflow)
        if workflow.workflow_type != "below_threshold":
            return
        for entry in self:
            if not (entry.note or entry.correction_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "%s is off track. Say why in the note.", entry.display_name
                    )
                )
