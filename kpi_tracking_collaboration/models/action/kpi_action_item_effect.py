from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_list
from odoo.tools.misc import format_date, formatLang

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.fields import OptionalFloat, or_none

from ...engine.effect import LEAST_AFTER, LEAST_BEFORE, MOST, find_sides, measure_effect

CHANGES = ("effective_date", "report_id", "status")


class KpiActionItem(models.Model):
    """What has changed since an action: never called its doing."""

    _inherit = "kpi.action.item"

    measured_effect = OptionalFloat(
        "Measured Change",
        compute="_compute_effect",
        help="Mean of the periods after the action, less what the periods before it"
        " led to expect.",
    )
    effect_low = OptionalFloat("At Least", compute="_compute_effect", exportable=False)
    effect_high = OptionalFloat("At Most", compute="_compute_effect", exportable=False)
    effect_in_words = fields.Text("What Has Changed", compute="_compute_effect")

    @api.depends(*CHANGES, "expected_by", "expected_effect")
    @api.depends_context("lang", "uid")
    def _compute_effect(self):
        done = self.filtered(
            lambda item: item.status == "completed" and item.effective_date
        )
        rest = self - done
        rest.measured_effect = rest.effect_low = rest.effect_high = False
        rest.effect_in_words = False
        for item in done:
            effect, days = item._measure_effect()
            is_known = effect.is_known
            item.measured_effect = is_known and effect.change
            item.effect_low = is_known and effect.low
            item.effect_high = is_known and effect.high
            texts = [item._say_effect(effect), item._say_expected()]
            texts.append(item._say_others(*days) if is_known else "")
            item.effect_in_words = " ".join(filter(None, texts))

    def _get_effect(self):
        """The same for programs.

        :return: dict of ``change``, ``low``, ``high`` (None = not known) and ``text``
        """
        self.ensure_one()
        numbers = (self.measured_effect, self.effect_low, self.effect_high)
        change, low, high = map(or_none, numbers)
        text = self.effect_in_words or ""
        return {"change": change, "low": low, "high": high, "text": text}

    def _measure_effect(self):
        """Return the ``Effect`` on the KPI, and first and last day looked at."""
        report = self.report_id
        grain = report.frequency
        calendar = report.definition_id.calendar_id
        middle = calendar._period(grain, self.effective_date)
        first, last = (
            _step(calendar._spec(), middle, steps) for steps in (MOST + 1, -MOST - 1)
        )
        (series,) = report._series(
            grain, first.start, last.stop - timedelta(days=1), with_targets=False
        )
        row = series.row_of[report.id]
        sides = find_sides(
            series.periods,
            series.seams[row] != "",
            self.effective_date,
            calendar._today(),
        )
        looked_at = [series.periods[at] for side in sides for at in side]
        days = (first.start, first.start)
        if looked_at:
            days = looked_at[0].start, looked_at[-1].stop
        return measure_effect(series.values[row], *sides), days

    def _say_effect(self, effect):
        if not effect.is_known:
            return self.env._(
                "Too early to tell: %(before)s of at least %(least_before)s periods"
                " with a value before it, %(after)s of at least %(least_after)s after.",
                before=effect.before,
                least_before=LEAST_BEFORE,
                after=effect.after,
                least_after=LEAST_AFTER,
            )
        texts = {
            "change": self._format_change(effect.change),
            "low": self._format_change(effect.low),
            "high": self._format_change(effect.high),
            "before": effect.before,
            "after": effect.after,
        }
        if effect.is_chance:
            return self.env._(
                "%(change)s on average over %(after)s periods, against the line of the"
                " %(before)s before. The 95 %% range %(low)s to %(high)s includes no"
                " change, so it may be chance.",
                **texts,
            )
        return self.env._(
            "%(change)s on average over %(after)s periods, against the line of the"
            " %(before)s before (95 %% range: %(low)s to %(high)s).",
            **texts,
        )

    def _say_expected(self):
        if self.expected_effect is False:
            return ""
        change = self._format_change(self.expected_effect)
        if not self.expected_by:
            return self.env._("Expected: %s.", change)
        day = format_date(self.env, self.expected_by)
        return self.env._("Expected: %(change)s by %(day)s.", change=change, day=day)

    def _say_others(self, first_day, stop):
        """Other actions at the time, as what changed may be theirs."""
        others = self.search(
            Domain("report_id", "=", self.report_id.id)
            & Domain("id", "!=", self._origin.id)
            & Domain("status", "=", "completed")
            & Domain("effective_date", ">=", first_day)
            & Domain("effective_date", "<", stop)
        )
        if not others:
            return ""
        names = format_list(self.env, [f"“{item.name}”" for item in others])
        return self.env._("Other actions at that time: %s.", names)

    def _format_change(self, number):
        """A difference in the unit of the KPI, with its sign; of percentages points."""
        definition = self.report_id.definition_id
        if definition.unit == "percent":
            digits = definition.decimals
            is_zero = not round(number, digits)
            text = formatLang(self.env, abs(number), digits=digits)
            text = self.env._("%s points", text)
        else:
            text = definition._format_rounded(abs(number))
            is_zero = text == definition._format_rounded(0.0)
        if is_zero:
            return text
        return f"+{text}" if number > 0 else f"−{text}"


def _step(spec, period, steps):
    """The period so many steps before; the same where the calendar ends before."""
    try:
        return calendars.previous(spec, period, steps)
    except calendars.PeriodError:
        return period
