from dataclasses import dataclass
from typing import Any

from odoo.addons.kpi_base.engine.periods import Period


@dataclass(frozen=True)
class Entry:
    """A value on its way in.

    :param report: the KPI, one record
    :param contributor: user whose part it is; empty: the enterer's own
    :param reason: why an accepted value is replaced; the note where it is empty
    :param weight: what the value stands for, in a weighted average of parts
    :param attachments: files of the enterer's own
    """

    report: Any
    period: Period
    value: float
    contributor: Any = None
    note: str = ""
    reason: str = ""
    weight: float = 1.0
    attachments: Any = None

    @property
    def slot(self):
        """Report, period and contributor: which have one accepted value."""
        contributor_id = self.contributor.id if self.contributor else False
        return self.report.id, self.period.start, contributor_id
