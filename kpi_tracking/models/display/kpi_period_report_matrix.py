from dataclasses import dataclass
from datetime import timedelta

from odoo import models
from odoo.tools import float_round

from ...engine import periods
from ...engine.period_report import PERCENTAGES, Course
from ...engine.status import Judged, prorate

MAX_ROWS = 500
PERCENT_DIGITS = 1
EMPTY_CELL = {"status": "no_data", "numbers": {}, "texts": {}}


@dataclass(frozen=True)
class Known:
    """What is known of some KPIs: dicts report → first day → value or ``Judged``."""

    judged: dict
    to_date: dict


class KpiPeriodReport(models.Model):
    """The numbers of a report: one table for the screen, PDF, XLSX and mail."""

    _inherit = "kpi.period.report"

    def _matrix(self):
        """The table, as the reader may see it, in the reader's language.

        :return: dict, which JSON can hold, of ``title``, ``grain``, ``figures`` (key,
            label, is_percent), ``total`` (number of KPIs, of which the first
            ``MAX_ROWS`` are shown) and ``sections``: ``title``, ``columns`` (start,
            label, is_running) and ``rows``: id of the KPI, its ``name`` and ``unit``,
            a ``note`` where it has no values in such periods, the ``figures`` of which
            any is known, and ``cells``, one per column: ``status``, ``numbers`` and
            ``texts`` by figure, rounded to the decimals of the KPI; what is not known
            is left out, and a range has a text only
        """
        self.ensure_one()
        kpis = self._kpis()
        labels = self._figure_labels()
        return {
            "title": self.name,
            "grain": self.grain,
            "figures": [
                {"key": key, "label": labels[key], "is_percent": key in PERCENTAGES}
                for key in self._figures()
            ],
            "total": len(kpis),
            "shown": min(len(kpis), MAX_ROWS),
            "sections": self._sections(kpis[:MAX_ROWS]),
        }

    def _sections(self, kpis):
        """Scorecards or categories; a calendar with other periods has its own."""
        rows = self._rows_by_kpi(kpis)
        sections = {}
        for title, kpi in self._titled(kpis):
            columns, row = rows[kpi]
            section = sections.setdefault((title, columns), [])
            section.append(row)
        return [
            {
                "title": title,
                "columns": [
                    {"start": start, "label": label, "is_running": is_running}
                    for start, label, is_running in columns
                ],
                "rows": found,
            }
            for (title, columns), found in sections.items()
        ]

    def _titled(self, kpis):
        """Pairs (title of the section, KPI), in the order of the table."""
        if not self.group_ids:
            return [(kpi.category_id.name or "", kpi) for kpi in kpis]
        lines = self.env["kpi.report.group.line"].search(
            [("group_id", "in", self.group_ids.ids), ("report_id", "in", kpis.ids)]
        )
        return [(line.group_id.name, line.report_id) for line in lines]

    def _rows_by_kpi(self, kpis):
        """KPI → (columns, row); few queries for all KPIs of a calendar."""
        rows = {}
        # What a KPI is made of is no secret to those who see it.
        of_calendar = kpis.grouped(lambda kpi: kpi.sudo().definition_id.calendar_id)
        for calendar, same in of_calendar.items():
            rows |= self._rows_of_calendar(calendar, same)
        return rows

    def _rows_of_calendar(self, calendar, kpis):
        shown = self._shown_periods(calendar)
        today = calendar._today()
        columns = tuple(
            (
                period.start.isoformat(),
                calendar._period_label(period),
                today in period,
            )
            for period in shown
        )
        # As in ``_rows_by_kpi``.
        made = kpis.sudo()
        possible = made.filtered(
            lambda kpi: self.grain in kpi.definition_id._shown_grains()
        )
        known = self._known(possible.sudo(False), calendar, shown)
        return {
            kpi.sudo(False): (columns, self._row(kpi, kpi in possible, known, shown))
            for kpi in made
        }

    def _shown_periods(self, calendar):
        """The columns, oldest first, of KPIs with this calendar."""
        if self.range_type == "fixed":
            shown = calendar._periods(self.grain, self.date_from, self.date_to)
            self._check_period_count(len(shown))
            return shown
        spec = calendar._spec()
        last = calendar._period(self.grain, calendar._today())
        if not self.has_running:
            last = periods.previous(spec, last)
        first = periods.previous(spec, last, self.period_count - 1)
        return calendar._periods(self.grain, first.start, last.start)

    def _known(self, kpis, calendar, shown):
        """What the cells of these KPIs are made of."""
        last_day = shown[-1].stop - timedelta(days=1)
        first_day = min(
            period.start
            for each in shown[:1]
            for period in (each, *self._compared(calendar, each).values())
        )
        judged = kpis._judged_values(
            self.grain, first_day, last_day, as_judged=self.judged_by == "then"
        )
        to_date = {}
        if self.show_ytd and kpis:
            to_date = kpis._year_to_date(self.grain, shown[0].start, last_day)
        return Known(judged, to_date)

    def _compared(self, calendar, period):
        """Figure → the period that it is the value of."""
        spec = calendar._spec()
        found = {}
        if self.show_previous or self.show_previous_percent:
            found["previous"] = periods.previous(spec, period)
        if self.show_last_year or self.show_last_year_percent:
            found["last_year"] = periods.same_period_last_year(spec, period)
        return found

    def _row(self, kpi, is_possible, known, shown):
        cells = [
            self._cell(kpi, period, known) if is_possible else EMPTY_CELL
            for period in shown
        ]
        known_figures = {key for cell in cells for key in cell["texts"]}
        return {
            "id": kpi.id,
            "name": kpi.name,
            "unit": kpi.definition_id._unit_word() or "",
            "digits": kpi.definition_id.decimals,
            "note": "" if is_possible else self._other_periods(kpi),
            "figures": [
                figure
                for figure in self._figures()
                if figure == "actual" or figure in known_figures
            ],
            "cells": cells,
        }

    def _other_periods(self, kpi):
        labels = dict(kpi._fields["frequency"]._description_selection(self.env))
        return self.env._(
            "Measured in other periods: %s.", labels[kpi.frequency].lower()
        )

    def _cell(self, kpi, period, known):
        judged = known.judged[kpi].get(period.start, Judged())
        course = self._course(kpi, period, judged, known)
        numbers = {
            figure: getattr(course, figure)
            for figure in self._figures()
            if getattr(course, figure) is not None
        }
        rounded = {
            figure: _rounded(number, self._digits(kpi, figure))
            for figure, number in numbers.items()
        }
        texts = {
            figure: self._text(kpi, figure, number)
            for figure, number in rounded.items()
        }
        if self.show_target and kpi.direction == "range":
            texts |= self._range_text(kpi, course)
        if kpi.unit == "boolean":  # a word, not a number
            rounded = {key: rounded[key] for key in rounded if key in PERCENTAGES}
        return {"status": judged.status, "numbers": rounded, "texts": texts}

    def _range_text(self, kpi, course):
        """The good range instead of a target: “4 – 7”, “≥ 4”, “≤ 7”; no number."""
        low, high = (
            end is not None
            and self._text(kpi, "target", _rounded(end, self._digits(kpi, "target")))
            for end in (course.low, course.high)
        )
        if low and high:
            return {"target": f"{low} – {high}"}
        if low or high:
            return {"target": f"≥ {low}" if low else f"≤ {high}"}
        return {}

    def _course(self, kpi, period, judged, known):
        calendar = kpi.definition_id.calendar_id
        compared = {
            figure: known.judged[kpi].get(other.start, Judged()).value
            for figure, other in self._compared(calendar, period).items()
        }
        due = calendar._elapsed_ratios([period])[0]
        target, low, high = (
            None if number is None else prorate(number, due, kpi.aggregation_time)
            for number in (judged.target, judged.low, judged.high)
        )
        return Course(
            actual=judged.value,
            target=target,
            low=low,
            high=high,
            achievement=judged.achievement,
            ytd=known.to_date.get(kpi, {}).get(period.start),
            **compared,
        )

    def _digits(self, kpi, figure):
        if figure in PERCENTAGES:
            return PERCENT_DIGITS
        return kpi.definition_id.decimals

    def _text(self, kpi, figure, number):
        """A rounded number as the reader's language writes it; the row has the unit."""
        is_share = figure in PERCENTAGES
        if kpi.unit == "boolean" and not is_share and number in (0, 1):
            return self.env._("Yes") if number else self.env._("No")
        digits = self._digits(kpi, figure)
        text = self._language().format(f"%.{digits}f", number, grouping=True)
        return f"{text}\u00a0%" if is_share else text

    def _language(self):
        return self.env["res.lang"]._lang_get(self.env.lang or "en_US")


def _rounded(number, digits):
    return float_round(number, precision_digits=digits) + 0.0  # no negative zero
