from datetime import timedelta
from itertools import pairwise

from odoo import models

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.formatting import format_number

from ..engine.intent import Span

# Days that the two latest periods of each length are looked for in.
EARLIER = {"day": 14, "week": 28, "month": 92, "quarter": 270, "year": 1100}
LATE = 1  # closed periods whose value may be still to come
FINER = 2  # decimals more, for a change that would be none else


class NoSuchPeriodError(Exception):
    """A KPI has no values in the days that are asked for.

    :ivar report, span: what may be asked for instead; None = nothing
    """

    def __init__(self, why, report=None, span=None):
        super().__init__(why)
        self.report = report
        self.span = span


class KpiReport(models.Model):
    """What questions read of KPIs."""

    _name = "kpi.report"
    _inherit = ["kpi.report", "kpi.phrase.mixin"]

    def _get_own(self):
        """Those of the user's company; all, where it has none."""
        own = self.filtered(
            lambda report: (
                report.scope_type == "company" and report.company_id == self.env.company
            )
        )
        return own or self

    def _find_asked_periods(self, span, grain=None):
        """The periods of this KPI's calendar that are meant.

        :param span: ``Span``; None = the latest value
        :param grain: length that the question asks for
        :raises NoSuchPeriodError: there are none
        """
        calendar = self.definition_id.calendar_id
        if span is None:
            latest = self._current_period()
            return [latest] if latest else []
        if span.grain and span.grain != "half" and not grain:
            return self._find_one_period(calendar, span)
        grain = grain or self.frequency
        last = min(span.last, max(calendar._today(), span.first))
        asked = calendar._periods(grain, span.first, last)
        if asked and asked[0].start < span.first and len(asked) == 1:
            self._refuse_part(asked[0])
        if asked[0].start != span.first or asked[-1].stop <= span.last:
            asked = [each for each in asked if each.start >= span.first] or asked
        is_cut = asked[-1].stop - timedelta(days=1) > span.last
        if is_cut and span.last != calendar._today():
            self._refuse_part(calendar._period(grain, span.first), asked[-1])
        return asked

    def _refuse_part(self, first, last=None):
        """Say that values are of whole periods, and of which ones there are."""
        label = self.definition_id.calendar_id._period_label
        ends = dict.fromkeys((label(first), label(last or first)))
        span = Span(first.start, (last or first).stop - timedelta(days=1))
        period = " – ".join(ends)
        why = self._phrase("period.part", kpi=self.kpi_name, period=period)
        raise NoSuchPeriodError(why, self, span)

    def _find_one_period(self, calendar, span):
        lengths = [*EARLIER]
        if lengths.index(span.grain) < lengths.index(self.frequency):
            # a day of a KPI that has a value a month
            self._refuse_part(calendar._period(self.frequency, span.first))
        if span.back is not None:
            now = calendar._period(span.grain, calendar._today())
            return [periods.previous(calendar._spec(), now, span.back)]
        period = calendar._period(span.grain, span.first)
        stop = span.last + timedelta(days=1)
        if (period.start, period.stop) != (span.first, stop):
            # “2026” is another year to everybody where years begin in April.
            words = {"grain": self._phrase(f"grain.{span.grain}"), "day": span.last}
            why = self._phrase("period.other", kpi=self.kpi_name, **words)
            raise NoSuchPeriodError(why)
        return [period]

    def _read_asked(self, periods_of):
        """Values of KPIs, as answers have them.

        Statements grow with the lengths of periods, not with KPIs.

        :param periods_of: dict report → its periods, of one length; none: a row that
            has no value
        :return: list, in this order
        """
        judged = {}
        asked = {kpi: found for kpi, found in periods_of.items() if found}
        for grain in {found[0].grain for found in asked.values()}:
            same = {kpi: one for kpi, one in asked.items() if one[0].grain == grain}
            first = min(found[0].start for found in same.values())
            last = max(found[-1].start for found in same.values())
            kpis = self.browse().union(*same)
            judged |= kpis._get_judged_values(grain, first, last, "stored")
        return [
            kpi._prepare_answer(each, each and judged[kpi].get(each.start))
            for kpi, found in periods_of.items()
            for each in found or [None]
        ]

    def _prepare_answer(self, period, judged, trend=None):
        """A value as the answer of a question has it."""
        grain = period.grain if period else self.frequency
        calendar = self.definition_id.calendar_id
        asked = period and f"?period_start={period.start}&grain={period.grain}"
        unit_name = (
            self.currency_id.name if self.unit == "currency" else self.unit_symbol
        )
        return {
            "report": self,
            "code": self.code,
            "grain": grain,
            "period_start": period and period.start,
            "period_stop": period and period.stop,
            "label": calendar._period_label(period) if period else "",
            "value": judged and judged.value,
            "target": judged and judged.due_target,
            "achievement": judged and judged.achievement,
            "status": judged.status if judged else "no_data",
            "trend": trend,
            "change": None,
            "achievement_change": None,
            "unit": self.unit,
            "unit_symbol": unit_name or "",
            "explain": f"/api/kpi/explain/{self.id}{asked or ''}",
        }

    def _judge_listed(self, span, *, is_closed=False):
        """A row per KPI: its latest value, or the last one of ``span``.

        Statements grow with the lengths of periods, not with KPIs.

        :param is_closed: leave out periods that are running
        """
        rows = {}
        today = self.env["kpi.nlp.processor"]._get_calendar()._today()
        for grain, same in self.grouped("frequency").items():
            last = min(span.last, today) if span else today
            first = span.first if span else last - timedelta(days=EARLIER[grain])
            if last < first:
                rows |= {kpi: kpi._prepare_answer(None, None) for kpi in same}
                continue
            # One before the first is what it has changed from.
            earlier = first - timedelta(days=EARLIER[grain])
            judged_of = same._get_judged_values(grain, earlier, last, "stored")
            for kpi, judged in judged_of.items():
                rows[kpi] = kpi._prepare_listed(grain, judged, first, is_closed)
        return [rows[kpi] for kpi in self]

    def _prepare_listed(self, grain, judged, first, is_closed):
        calendar = self.definition_id.calendar_id
        days = [day for day, each in judged.items() if each.value is not None]
        known = [(calendar._period(grain, day), judged[day]) for day in days[-3:]]
        if is_closed and known and known[-1][0].stop > calendar._today():
            known.pop()
        if not known or known[-1][0].stop <= first:
            return self._prepare_answer(None, None)
        period, last = known[-1]
        two = [each for _, each in known[-2:]]
        if not self._is_comparable(period):
            two = [last]
        found = self._prepare_answer(period, last, self._find_trend(two))
        if len(two) > 1:
            found["change"] = last.value - two[0].value
            if None not in (last.achievement, two[0].achievement):
                found["achievement_change"] = last.achievement - two[0].achievement
        return found

    def _count_streak(self, grain, statuses, status, last):
        """For how many closed periods in a row, up to the last one, a status holds.

        :param statuses: ``{first day of a period: its value with status}``
        """
        calendar = self.definition_id.calendar_id
        spec = calendar._spec()
        period = calendar._period(grain, last)
        if period.stop > calendar._today():
            period = periods.previous(spec, period)
        for _ in range(LATE):
            if period.start not in statuses or statuses[period.start].value is None:
                period = periods.previous(spec, period)
        count = 0
        while (one := statuses.get(period.start)) and one.status == status:
            count += 1
            period = periods.previous(spec, period)
        return count

    def _find_trend(self, judged):
        """Whether the last of two values is the better one; None: neither."""
        if len(judged) < 2 or judged[0].value == judged[1].value:
            return None
        is_rise = judged[1].value > judged[0].value
        if self.definition_id.direction == "range":
            return None
        is_better = is_rise == (self.definition_id.direction == "higher")
        return "improving" if is_better else "declining"

    def _find_move(self, span, compared=None):
        """The two periods between which a change is explained.

        :param span: ``Span``; None = the latest closed period with a value
        :param compared: ``Span`` of the first one; else the period before
        :raises NoSuchPeriodError: there are none
        """
        calendar = self.definition_id.calendar_id
        spec, today = calendar._spec(), calendar._today()
        if span is None:
            last = self._current_period() or calendar._period(self.frequency, today)
            if last.stop > today:
                last = periods.previous(spec, last)
            return periods.previous(spec, last), last
        found = [self._find_ends(each) for each in (span, compared) if each]
        if len(found) > 1:
            return found[1][1], found[0][1]
        return periods.previous(spec, found[0][0]), found[0][1]

    def _find_ends(self, span):
        """The KPI's first and last period in ``span``."""
        asked = self._find_asked_periods(span)
        calendar = self.definition_id.calendar_id
        stop = min(asked[-1].stop - timedelta(days=1), calendar._today())
        first = calendar._period(self.frequency, asked[0].start)
        if first.start < asked[0].start and stop < first.stop - timedelta(days=1):
            self._refuse_part(first)
        return first, calendar._period(self.frequency, max(stop, first.start))

    def _say_largest_step(self, before, after, change):
        """Which of several periods a change mostly came with.

        :param change: from ``before`` to ``after``
        """
        if not change["change"]:
            return []
        calendar = self.definition_id.calendar_id
        values = [
            (calendar._period(self.frequency, start), judged.value)
            for start, judged in self._get_judged_values(
                self.frequency, before.start, after.start, "stored"
            )[self].items()
            if judged.value is not None
        ]
        sign = 1 if change["change"] > 0 else -1
        steps = [
            (sign * (value - earlier), period)
            for (_, earlier), (period, value) in pairwise(values)
        ]
        if len(steps) < 2:
            return []
        size, period = max(steps, key=lambda step: step[0])
        words = {
            "period": calendar._period_label(period),
            "size": self._write_size(size),
        }
        return [self._phrase("step.up" if sign > 0 else "step.down", **words)]

    def _list_forecast(self, expected, span):
        """The points of ``span``; None = all known.

        :param expected: ``ExpectedValues``, or None
        :raises NoSuchPeriodError: there are none
        """
        calendar = self.definition_id.calendar_id
        if not expected or not expected.points:
            why = self._phrase("forecast.none", kpi=self.kpi_name)
            raise NoSuchPeriodError(why)
        periods = {
            start: calendar._period(self.frequency, start) for start in expected.points
        }
        if span:
            first = calendar._period(self.frequency, span.first)
            if first.start < span.first and span.last < first.stop:
                self._refuse_part(first)
            periods = {
                start: period
                for start, period in periods.items()
                if period.stop > span.first and start <= span.last
            }
        if not periods:
            last = calendar._period(self.frequency, max(expected.points))
            words = {"kpi": self.kpi_name, "period": calendar._period_label(last)}
            why = self._phrase("forecast.end", **words)
            raise NoSuchPeriodError(why)
        return [
            {
                "report": self,
                "period_start": start,
                "label": calendar._period_label(period),
                "value": expected.points[start].value,
                "low": expected.points[start].low,
                "high": expected.points[start].high,
                "is_stale": expected.is_stale,
            }
            for start, period in periods.items()
        ]

    def _write_value(self, value, change=None, extra=0):
        """A value with its unit, and as many digits as its change needs."""
        # Who sees a KPI reads its numbers in its unit.
        definition = self.sudo().definition_id
        is_lost = change is not None and not round(abs(change), definition.decimals)
        return definition._format_rounded(value, FINER if is_lost else extra)

    def _write_size(self, size, extra=0):
        """A difference in the unit of the KPI; of percentages points.

        :param extra: decimals beside those of the KPI, for a mean
        """
        if self.unit != "percent":
            return self._write_value(abs(size), size, extra)
        digits = max(self.decimals + extra, 1 if abs(size) < 10 else 0)
        number = format_number(self.env, abs(size), digits)
        return self._phrase("points", number=number)

    def _say_answered(self, row):
        """A value in words: of what, of when, and how it is judged."""
        words = {"kpi": self.kpi_name, "scope": self.scope_name, "period": row["label"]}
        stop = row["period_stop"]
        is_running = bool(stop) and stop > self.definition_id.calendar_id._today()
        if is_running:
            words["period"] = self._phrase("so_far", period=row["label"])
        if row["value"] is None:
            kind = "value.none" if row["label"] else "value.never"
            if row["target"] is not None:
                kind = "value.only_target"
                words["target"] = self._write_value(row["target"])
            return self._phrase(kind, **words)
        words["value"] = self._write_value(row["value"])
        if row["target"] is None:
            return self._phrase("value", **words)
        words["target"] = self._write_value(row["target"])
        status = self._phrase(f"status.{row['status']}")
        is_to_date = is_running and self.aggregation_time == "sum"
        kind = "value.target_to_date" if is_to_date else "value.target"
        return self._phrase(kind, status=status, **words)

    def _say_difference(self, first, second):
        """How much the second of two values of one KPI is above or below the first.

        Of a running period and another one the parts that have closed are compared.
        """
        same = first["report"].definition_id == second["report"].definition_id
        if not same or None in (first["value"], second["value"]):
            return []
        values = first["value"], second["value"]
        words = {"second": second["label"], "first": first["label"]}
        said = []
        if first["report"] != second["report"]:
            words["second"] = second["report"].scope_name
            words["first"] = first["report"].scope_name
        elif first["period_start"] != second["period_start"]:
            values = self._read_compared(first, second)
            later = max(first, second, key=lambda row: row["period_start"])
            if None in values:
                return [self._phrase("compared.none", period=later["label"])]
            if values != (first["value"], second["value"]):
                said = [self._phrase("compared.part", period=later["label"])]
        difference = values[1] - values[0]
        if not difference:
            return [*said, self._phrase("equal")]
        words["size"] = self._write_size(difference)
        return [*said, self._phrase("above" if difference > 0 else "below", **words)]

    def _read_compared(self, first, second):
        """Values of two rows of this KPI, like with like; None = not comparable."""
        if first["grain"] != second["grain"]:
            return first["value"], second["value"]
        starts = sorted((first["period_start"], second["period_start"]))
        (series,) = self._series(first["grain"], *starts, with_targets=False)
        found = series.list_compared([tuple(starts)])[self.id][tuple(starts)]
        return tuple(found if first["period_start"] == starts[0] else found[::-1])

    def _say_forecast(self, point):
        """A point of a forecast in words, with its limits."""
        words = {"kpi": self.kpi_name, "scope": self.scope_name}
        words |= {"period": point["label"], "value": self._write_value(point["value"])}
        if point["low"] is None or point["high"] is None:
            return self._phrase("expected", **words)
        words |= {name: self._write_value(point[name]) for name in ("low", "high")}
        if words["low"] == words["high"]:  # of a period that ends today
            return self._phrase("expected", **words)
        return self._phrase("expected.limits", **words)
