from odoo import api, models
from odoo.tools import groupby

from ...engine.entered import judge_value


class KpiReport(models.Model):
    """Status that values on their way in would have."""

    _inherit = "kpi.report"

    @api.model
    def _find_entry_statuses(self, entries):
        """Judge values by the targets of their periods, as if they counted already.

        A number of statements that does not grow with them. Parts of a value are not
        judged: targets are for the whole.

        :param entries: dict key → ``Entry``
        :return: dict key → status
        """
        judged = {key: one for key, one in entries.items() if not one.contributor}
        found = {}
        for grain, keys in groupby(judged, lambda key: judged[key].period.grain):
            same = {key: judged[key] for key in keys}
            starts = [entry.period.start for entry in same.values()]
            reports = self.union(*(entry.report for entry in same.values()))
            for series in reports._series(grain, min(starts), max(starts)):
                found |= _judge_entries(series, same)
        return found


def _judge_entries(series, entries):
    return {
        key: judge_value(
            series,
            series.row_of[entry.report.id],
            series.index_of[entry.period.start],
            entry.value,
            entry.report.definition_id.direction,
        )
        for key, entry in entries.items()
        if entry.report.id in series.row_of and entry.period.start in series.index_of
    }
