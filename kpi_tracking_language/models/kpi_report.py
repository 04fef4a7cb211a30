from datetime import timedelta

from odoo import models

from odoo.addons.kpi_base.engine import periods

# Days that the two latest periods of each length are looked for in.
EARLIER = {"day": 14, "week": 28, "month": 92, "quarter": 270, "year": 1100}


class KpiReport(models.Model):
    """What questions read of KPIs."""

    _inherit = "kpi.report"

    def _get_own(self):
        """Those of the user's company; all, where it has none."""
        own = self.filtered(
            lambda report: (
                report.scope_type == "company" and report.company_id == self.env.company
            )
        )
        return own or self

    def _find_asked_periods(self, span, grain=None):
        """The periods of this KPI's calendar that are meant, or why there are none.

        :param span: ``Span``; None = the latest value
        :param grain: length that the question asks for
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
            return self._refuse_part(asked[0])
        if asked[0].start != span.first or asked[-1].stop <= span.last:
            asked = [each for each in asked if each.start >= span.first] or asked
        is_cut = asked[-1].stop - timedelta(days=1) > span.last
        if is_cut and span.last != calendar._today():
            return self._refuse_part(asked[-1])
        return asked

    def _refuse_part(self, period):
        calendar = self.definition_id.calendar_id
        return self.env._(
            "%(kpi)s has no values for a part of its periods. Ask for %(period)s.",
            kpi=self.kpi_name,
            period=calendar._period_label(period),
        )

    def _find_one_period(self, calendar, span):
        if span.back is not None:
            now = calendar._period(span.grain, calendar._today())
            return [periods.previous(calendar._spec(), now, span.back)]
        period = calendar._period(span.grain, span.first)
        stop = span.last + timedelta(days=1)
        if (period.start, period.stop) != (span.first, stop):
            # “2026” is another year to everybody where years begin in April.
            return self.env._(
                "The periods of %(kpi)s are not calendar periods. Ask for "
                "“this” or “last” %(grain)s, or for %(day)s.",
                kpi=self.kpi_name,
                grain=span.grain,
                day=span.last,
            )
        return [period]

    def _read_asked(self, asked, is_latest):
        """Values of this KPI in some periods of one length, as answers have them."""
        if not asked:
            return [self._prepare_answer(None, None)]
        grain = asked[0].grain
        first, last = asked[0].start, asked[-1].start
        found = self._get_judged_values(grain, first, last)[self]
        return [self._prepare_answer(each, found.get(each.start)) for each in asked]

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
            "target": judged and judged.target,
            "achievement": judged and judged.achievement,
            "status": judged.status if judged else "no_data",
            "trend": trend,
            "unit": self.unit,
            "unit_symbol": unit_name or "",
            "explain": f"/api/kpi/explain/{self.id}{asked or ''}",
        }

    def _judge_listed(self, span):
        """A row per KPI: its latest value, or the last one of ``span``.

        Statements grow with the lengths of periods, not with KPIs.
        """
        rows = {}
        today = self._get_listed_day()
        for grain, same in self.grouped("frequency").items():
            last = min(span.last, today) if span else today
            first = span.first if span else last - timedelta(days=EARLIER[grain])
            if last < first:
                rows |= {kpi: kpi._prepare_answer(None, None) for kpi in same}
                continue
            for kpi, judged in same._get_judged_values(grain, first, last).items():
                rows[kpi] = kpi._prepare_listed(grain, judged)
        return [rows[kpi] for kpi in self]

    def _get_listed_day(self):
        calendar = self.env["kpi.calendar"]._company_default(self.env.company)
        return calendar._today()

    def _prepare_listed(self, grain, judged):
        known = [day for day, each in judged.items() if each.value is not None]
        if not known:
            return self._prepare_answer(None, None)
        calendar = self.definition_id.calendar_id
        period = calendar._period(grain, known[-1])
        return self._prepare_answer(
            period, judged[known[-1]], self._find_trend([judged[d] for d in known[-2:]])
        )

    def _find_trend(self, judged):
        """Whether the last of two values is the better one; None: neither."""
        if len(judged) < 2 or judged[0].value == judged[1].value:
            return None
        is_rise = judged[1].value > judged[0].value
        if self.definition_id.direction == "range":
            return None
        is_better = is_rise == (self.definition_id.direction == "higher")
        return "improving" if is_better else "declining"
