"""A XES log as the table that imports read: a row for each event."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from odoo.addons.kpi_base.engine.tabular import Row, Table, TabularError

from .xes import LIFECYCLE, NAME, RESOURCE, TIME, XesError, count_events, read_xes

# title → key of the attribute, of the event or of its case
EVENT_KEYS = {
    "activity": NAME,
    "timestamp": TIME,
    "resource": RESOURCE,
    "lifecycle": LIFECYCLE,
}
CASE_KEYS = {"subject": "subject", "department": "department"}
KEYS = {*EVENT_KEYS.values(), *CASE_KEYS.values()}
TITLES = ("case", *EVENT_KEYS, *CASE_KEYS)


@dataclass(frozen=True)
class XesTable(Table):
    """Events in the order of the log; the first one is row 2, below the titles.

    :ivar translate: says in the reader's language why the log cannot be read
    """

    translate: Callable[[str], str] = str

    def rows(self) -> Iterator[Row]:
        """All rows, read anew.

        :raises TabularError: the log cannot be read
        """
        yield Row(1, list(TITLES))
        try:
            events = read_xes(self.content, KEYS)
            for number, (case, of_case, event) in enumerate(events, 2):
                cells = [case, *map(event.get, EVENT_KEYS.values())]
                yield Row(number, [*cells, *map(of_case.get, CASE_KEYS.values())])
        except XesError as error:
            # Importing translates its own texts only.
            reason = error.translate_with(self.translate)
            raise TabularError("%(reason)s", reason=reason) from error

    def row_count_estimate(self) -> int:
        """Number of events, without reading them one by one."""
        return max(count_events(self.content), 1)


def open_xes(content: bytes, translate: Callable[[str], str] = str) -> XesTable:
    """The log in ``content``, which is read when its rows are."""
    return XesTable(content=content, kind="xes", translate=translate)
