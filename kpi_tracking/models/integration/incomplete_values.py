from odoo.addons.kpi_base.engine import periods

from .kpi_measurement_rest import find_period


class IncompleteValues:
    """Values of which a row is refused, where several rows make one.

    A row that says which value it is of makes that one incomplete; another one makes
    all incomplete that it may be of.
    """

    def __init__(self):
        self._values = {}  # (report id, first day) → number of the first such row
        self._kpis = {}  # report id → the same, for all of its values
        self._moments = {}  # for all values of that time
        self._any = None
        self._starts = {}

    def __bool__(self):
        parts = (self._values, self._kpis, self._moments, self._any)
        return any(parts)

    def add(self, number, kpi, moment):
        """Add a refused row.

        :param kpi: None if the row does not say which one it is about
        :param moment: None if the row does not say when
        """
        start = kpi and moment and self._find_start(kpi, moment)
        if start:
            self._values.setdefault((kpi.report_id, start), number)
        elif kpi:
            self._kpis.setdefault(kpi.report_id, number)
        elif moment:
            self._moments.setdefault(moment, number)
        elif not self._any:
            self._any = number

    def find(self, kpi, start):
        """``(number of a refused row, whether it is of the value for sure)``, or None.

        :param start: first day of the period of a value
        """
        if number := self._values.get((kpi.report_id, start)):
            return number, True
        number = (
            self._kpis.get(kpi.report_id)
            or self._list_starts(kpi).get(start)
            or self._list_starts(kpi).get(None)
            or self._any
        )
        return (number, False) if number else None

    def _list_starts(self, kpi):
        """First day of a period → number of the row of that time; None: of any."""
        key = kpi.calendar.id, kpi.frequency
        if key not in self._starts:
            starts = {}
            for moment, number in self._moments.items():
                starts.setdefault(self._find_start(kpi, moment), number)
            self._starts[key] = starts
        return self._starts[key]

    def _find_start(self, kpi, moment):
        """First day of the period that ``moment`` lies in; None: it may be several."""
        order = list(periods.GRAINS)
        is_year = moment.grain in ("quarter", "year")
        is_own_year = kpi.spec.fiscal_month != 1
        if order.index(moment.grain) > order.index(kpi.frequency):
            return None
        if is_year and is_own_year != moment.is_two_years:
            return None
        try:
            return find_period(kpi.spec, kpi.frequency, moment.day).start
        except periods.PeriodError:
            return None
