"""Changes made by one writing of facts, read only by those who want to know."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from odoo.tools import SQL

BATCH = 10_000


class FactChange(NamedTuple):
    """One fact: None as ``old`` = it is new, None as ``new`` = it is gone."""

    report_id: int
    period_start: date
    old: float | None
    new: float | None


@dataclass(frozen=True)
class FactChanges:
    """Facts of one grain that were added, changed or removed together.

    :ivar source: where the values come from, a key of ``SOURCES``
    :ivar cause: why they are others than before, a key of ``CAUSES``
    :ivar reason: the same in somebody's words, None where nobody says
    :ivar report_ids: the KPIs of these facts
    :ivar first_period: start of the earliest period that changed
    :ivar added_ids: of facts that are new
    :ivar changed_ids: of facts with another value, weight or completeness
    :ivar revision_ids: of the revisions that hold the values from before
    """

    env: object
    grain: str
    source: str
    cause: str
    reason: str | None
    report_ids: list[int]
    first_period: date
    added_ids: list[int]
    changed_ids: list[int]
    revision_ids: list[int]

    def rows(self) -> Iterator[FactChange]:
        """Each fact with another value than before, some thousand at a time.

        Facts of which only the weight or completeness changed are left out. To be read
        in the listener's call: later changes may change the same facts.
        """
        for ids in _batches(self.added_ids):
            yield from self._read(
                SQL(
                    "SELECT report_id, period_start, NULL, value"
                    "  FROM kpi_measurement WHERE id = ANY(%s) ORDER BY id",
                    ids,
                )
            )
        for ids in _batches(self.revision_ids):
            yield from self._read(
                SQL(
                    "SELECT report_id, period_start, old_value, new_value"
                    "  FROM kpi_measurement_revision WHERE id = ANY(%s) ORDER BY id",
                    ids,
                )
            )

    def _read(self, select):
        return (FactChange(*row) for row in self.env.execute_query(select))


def _batches(ids):
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
