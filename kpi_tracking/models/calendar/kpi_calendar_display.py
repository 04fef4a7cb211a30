from datetime import timedelta
from functools import lru_cache

from babel.dates import format_date

from odoo import api, models
from odoo.tools.misc import babel_locale_parse, get_lang

KEPT_LABELS = 4096


class KpiCalendar(models.Model):
    """Periods as people name them."""

    _inherit = "kpi.calendar"

    @api.model
    def _company_default(self, company):
        """The calendar chosen in the settings before any of the company's own."""
        return company.kpi_calendar_id or super()._company_default(company)

    def _period_label(self, period):
        """Name of a ``Period`` in the reader's language: “Oct 2026”, “W42 2026”.

        Where months or years do not follow the wall calendar, a name such as “Q3” would
        be read differently by everybody: these periods are named by their first and
        last month or day.
        """
        (label,) = self._period_labels([period])
        return label

    def _period_labels(self, periods):
        """Names of periods, as ``_period_label``; the language is looked up once."""
        self.ensure_one()
        lang = get_lang(self.env).code
        is_iso = self._spec().week_start == 0
        return [self._label(period, lang, is_iso) for period in periods]

    def _label(self, period, lang, is_iso):
        """:param is_iso: whether weeks begin on Monday, so that they have numbers"""
        if period.grain == "week" and is_iso:
            year, week, _weekday = period.start.isocalendar()
            return self.env._("W%(week)s %(year)s", week=week, year=year)
        pattern = self._label_pattern(period)
        first = _format_day(period.start, pattern, lang)
        last = _format_day(period.stop - timedelta(days=1), pattern, lang)
        return first if first == last else f"{first} – {last}"

    def _label_pattern(self, period):
        """Coarsest pattern of dates that names ``period`` without doubt."""
        if (period.start.day, period.stop.day) != (1, 1) or period.grain == "day":
            return "d MMM y"
        is_quarter = period.grain == "quarter" and period.start.month % 3 == 1
        is_year = period.grain == "year" and period.start.month == 1
        return "QQQ y" if is_quarter else "y" if is_year else "MMM y"


@lru_cache(KEPT_LABELS)
def _format_day(day, pattern, lang):
    """A day as a language writes it: nothing that is stored has a part in it."""
    return format_date(day, format=pattern, locale=babel_locale_parse(lang))
