from odoo import api, fields, models
from odoo.tools import format_date

from odoo.addons.kpi_tracking.engine.kpi_text import Currency, KpiText, Unit

from ...engine.output.reading import show_tiles
from ...engine.output.shown import Reader


class KpiDashboard(models.Model):
    """The dashboard where no browser draws it."""

    _inherit = "kpi.dashboard"

    @api.model
    def _drawings(self, answer, *, has_records=False):
        """What an answer says, in the user's language.

        :param answer: as :meth:`data` gives it
        :param has_records: whether embedded views show their records, which links and
            mails do not
        :return: list of ``engine.output.shown.ShownTile``, in their order
        """
        reader = self._reader()
        shown = show_tiles(answer, reader)
        if not has_records:
            return shown
        return [
            self._show_records(each, tile, reader) if tile.get("view") else each
            for each, tile in zip(shown, answer["tiles"], strict=True)
        ]

    @api.model
    def _reader(self):
        """The user, as ``engine.dashboard`` knows them."""
        words = self._drawing_words()
        writer = self.env["kpi.period.report"]._number_writer()
        text = KpiText(writer, words, self._is_rtl())
        return Reader(text, words, self._read_unit, self._day)

    @api.model
    def _is_rtl(self):
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        return lang.direction == "rtl"

    @api.model
    def _read_unit(self, unit):
        """``Unit`` of what ``kpi.definition._unit_description`` gives."""
        found = (
            self.env["res.currency"].get_all_currencies().get(unit.get("currencyId"))
        )
        currency = found and Currency(found["symbol"], found["position"] == "before")
        return Unit(
            kind=unit["kind"],
            decimals=unit["decimals"] or 0,
            symbol=unit.get("symbol") or "",
            currency=currency or None,
            duration_unit=unit.get("durationUnit") or "day",
        )

    @api.model
    def _day(self, text):
        """An ISO day or moment (UTC) as the user writes the day it is."""
        if len(text) <= len("2026-01-01"):
            return format_date(self.env, text)
        moment = fields.Datetime.to_datetime(text[:19].replace("T", " "))
        return format_date(self.env, fields.Datetime.context_timestamp(self, moment))

    @api.model
    def _drawing_words(self):
        """What pictures, tables and files say beside names and numbers."""
        labels = {}
        for name in ("status", "band", "certification"):
            field = self.env["kpi.report"]._fields[name]
            labels |= dict(field._description_selection(self.env))
        return {
            **labels,
            "yes": self.env._("Yes"),
            "no": self.env._("No"),
            "points": self.env._("%s points"),
            "minute": self.env._("min"),
            "hour": self.env._("h"),
            "day": self.env._("d"),
            "so_far": self.env._("%s so far"),
            "vs_target": self.env._("%s vs target"),
            "vs_target_so_far": self.env._("%s vs target to date"),
            "below_range": self.env._("%s below the range"),
            "above_range": self.env._("%s above the range"),
            "within_range": self.env._("within the range"),
            "vs_period": self.env._("%(change)s vs %(period)s"),
            "same_as": self.env._("same as %s"),
            "year_ago": self.env._("the same period last year"),
            "new": self.env._("new"),
            "before": self.env._("before"),
            "unavailable": self.env._("Not available"),
            "left_out": self.env._("These records are shown on the screen only."),
            "screen_only": self.env._("This tile is shown on the screen only."),
            "stale": self.env._("No newer value"),
            "nothing": self.env._("Nothing needs attention."),
            "more": self.env._("and %s more"),
            "negative": self.env._("Negative values cannot be shown as shares."),
            "overdue": self.env._("Overdue"),
            "alert": self.env._("Alert"),
            "approval": self.env._("To approve"),
            "kpi": self.env._("KPI"),
            "date": self.env._("Date"),
            "scope": self.env._("For"),
            "part": self.env._("Part"),
            "period": self.env._("Period"),
            "value": self.env._("Value"),
            "target": self.env._("Target"),
            "whole": self.env._("Full-period target"),
            "baseline": self.env._("Start"),
            "previous": self.env._("Previous period"),
            "year_before": self.env._("Same period last year"),
            "achievement": self.env._("Achievement"),
            "status": self.env._("Status"),
            "share": self.env._("Share"),
            "expected": self.env._("Expected"),
            "expected_low": self.env._("80 %, low"),
            "expected_high": self.env._("80 %, high"),
            "expected_range": self.env._("%(value)s (%(low)s – %(high)s)"),
            "coming": self.env._("%s (expected)"),
            "being_updated": self.env._("Expected values are being updated"),
        }
