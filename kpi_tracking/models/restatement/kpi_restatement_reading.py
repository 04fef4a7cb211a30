from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

MOST_WRITTEN = 100
# causes that no record's change is behind
NOT_OF_RECORDS = {"definition", "people", "rates", "target", "time"}


class Restated(NamedTuple):
    """A closed period that was restated, as screens and files tell of it.

    :ivar new_value: None = the value is gone
    :ivar cause: a key of ``CAUSES``
    """

    report_id: int
    period_start: object
    settled_on: object
    settled_value: float
    new_value: float | None
    cause: str
    restated_on: object


class KpiRestatement(models.Model):
    """Restatements of many KPIs at once."""

    _inherit = "kpi.restatement"

    @api.model
    def _list_restated(self, report_ids, first=None, last=None):
        """Restatements of KPIs that the caller has found readable, by one statement.

        :param first, last: first days of periods, both included
        :return: list of ``Restated``, of each KPI the earliest period first
        """
        if not report_ids:
            return []
        rows = self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, settled_on, settled_value, new_value,
                       cause, restated_on
                  FROM kpi_restatement
                 WHERE report_id = ANY(%s)
                   AND period_start >= COALESCE(%s, period_start)
                   AND period_start <= COALESCE(%s, period_start)
              ORDER BY report_id, period_start
                """,
                list(report_ids),
                first,
                last,
            )
        )
        return [Restated(*row) for row in rows]

    @api.model
    def _get_cause_texts(self):
        """What people read of each cause."""
        return dict(self._fields["cause"]._description_selection(self.env))

    def _find_written_since(self, model, ids):
        """Records of a period that were written after it had settled: a hint only.

        :param ids: of the records that the value counts and the user may read
        :return: ids, those written last first; at most ``MOST_WRITTEN``
        """
        records = self.env[model].with_context(active_test=False)
        if self.cause in NOT_OF_RECORDS or "write_date" not in records._fields:
            return []
        since = Domain("id", "in", ids) & Domain("write_date", ">", self.settled_on)
        order = "write_date desc, id desc"
        return records.search(since, order=order, limit=MOST_WRITTEN).ids

    @api.model
    def _round_alike(self, definition, settled, now):
        """Both values with the KPI's decimals, unless that hides how they differ.

        Amounts are as exact as their currency, as they are written with it.
        """
        if definition.unit == "currency":
            return settled, now
        rounded = round(settled, definition.decimals)
        if now is None:
            return rounded, None
        new = round(now, definition.decimals)
        return (rounded, new) if rounded != new else (settled, now)

    @api.model
    def _say_restated(self, definition, row, label):
        """One sentence on a restated period, such as a note on a chart.

        :param row: ``Restated``
        :param label: of the period
        """
        settled, now = self._round_alike(definition, row.settled_value, row.new_value)
        if now is None:
            return self.env._(
                "%(period)s was %(settled)s when it settled; the value is gone.",
                period=label,
                settled=definition._format_value(settled),
            )
        return self.env._(
            "%(period)s was %(settled)s when it settled and is %(now)s now"
            " (%(cause)s).",
            period=label,
            settled=definition._format_value(settled),
            now=definition._format_value(now),
            cause=self._get_cause_texts().get(row.cause, ""),
        )
