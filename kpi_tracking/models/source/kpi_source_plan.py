from collections import Counter
from datetime import timedelta

from odoo import fields, models

CELLS_PER_CHUNK = 500_000
SEAM_SHARE = 0.25  # of the definitions of a source that change on one day


class KpiSource(models.Model):
    """What a run computes: periods in chunks, with the versions in force there."""

    _inherit = "kpi.source"

    def _plan(self, first=None, last=None):
        """Plan the computation: chunks of periods, each with its compiled statement.

        The caller may commit between two chunks: each is complete in itself.

        :param first, last: local days that bound the periods; default: all history
        :return: list of pairs of ``SourceStatement`` and a list of periods
        """
        self.ensure_one()
        # A KPI counts all records; who sees its value is asked where it is shown.
        source = self.sudo()
        # By id: renaming or moving a KPI in the list changes nothing of its values.
        definitions = source.definition_ids.filtered("active").sorted("id")
        whole = source._statement(source._list_stretches(definitions))
        if not whole:
            return []
        chunks = source._split_periods(whole.definitions, first, last)
        narrowed = [(source._narrow(whole, periods), periods) for periods in chunks]
        return [(statement, periods) for statement, periods in narrowed if statement]

    def _list_stretches(self, definitions):
        """The stretches of definitions that are computed from this source."""
        stretches = [each for kpi in definitions for each in kpi._list_stretches()]
        return [
            each
            for each in stretches
            if not each.version
            or self.key in dict(self._prepare_method_values(each.method))
        ]

    def _narrow(self, whole, periods):
        """The statement with what is in force in ``periods`` alone.

        What the records are looked at for is the same in all periods, so that a
        fingerprint does not depend on which ones a run looks at.
        """
        needed = [each for each in whole.stretches if any(map(each.covers, periods))]
        if len(needed) == len(whole.stretches):
            return whole
        return self._statement(needed, whole)

    def _split_periods(self, definitions, first, last):
        """The periods to compute, in lists that are each computed at once.

        Cut on days when many definitions change: else all their versions are computed
        for all periods.
        """
        periods = self._periods(definitions, first, last)
        size = self._chunk_size(definitions)
        seams = self._find_seams(definitions)
        chunks = []
        for period in periods:
            is_cut = any(period.stop > day >= period.start for day in seams)
            if not chunks or is_cut or len(chunks[-1]) == size:
                chunks.append([])
            chunks[-1].append(period)
        return chunks

    def _find_seams(self, definitions):
        """Days on which so many definitions change that it is worth a cut."""
        days = Counter(definitions.version_ids.mapped("valid_from"))
        least = max(1, len(definitions) * SEAM_SHARE)
        return [day for day, count in days.items() if count >= least]

    def _periods(self, definitions, first, last):
        """Elapsed and running periods to compute, oldest first."""
        history_start = min(definitions.mapped("history_start"))
        today = self.calendar_id._today()
        first = max(first or history_start, history_start)
        last = min(last or today, today)
        if self.kind == "snapshot":
            first = max(first, self._first_snapshot(today))
        if first > last:
            return []
        self.calendar_id._ensure_days(first, last)
        return self.calendar_id._periods(self.grain, first, last)

    def _first_snapshot(self, today):
        """First day whose period is looked at: the past cannot be seen again.

        The running period is looked at until it has closed, and once after that.
        """
        running = self.calendar_id._period(self.grain, today)
        calendar = self.calendar_id.with_context(tz=self.calendar_id.tz)
        seen = self.last_run_at and fields.Datetime.context_timestamp(
            calendar, self.last_run_at
        )
        was_running = seen and seen.date() < running.start
        return running.start - timedelta(days=1) if was_running else running.start

    def _chunk_size(self, definitions):
        reports = self.env["kpi.report"].search_count(
            [("definition_id", "in", definitions.ids)]
        )
        return max(1, CELLS_PER_CHUNK // max(1, reports))
