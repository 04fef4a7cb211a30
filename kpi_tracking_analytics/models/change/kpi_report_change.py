from math import isfinite

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.schemas.base import GivenDay, Nothing, Word
from odoo.addons.kpi_tracking.engine.change import WINDOW

from ...analytics.explain import measure_moves
from .change import Move, Reading, UnsplitChange, close

PARTLY = ("mixed", "within")  # seams in a period that was partly computed as before


class KpiReport(models.Model):
    """Why a KPI moved: the parts of a change, which add up to it exactly."""

    _inherit = "kpi.report"

    @api.readonly
    def explain_change(
        self,
        period_from: GivenDay,
        period_to: GivenDay,
        split_by: Word | Nothing = None,
    ):
        """Explain a change between two periods, as far as the user may see its parts.

        Sums and counts are split by the values of a field or by the departments, teams
        or people below; averages and shares by those too, each into what its own value
        and what its share of all did; formulas by their inputs. What the user may not
        see is in one part with what is left. Where a change cannot be split exactly, a
        sentence says why.

        :param period_from, period_to: any day of each of the two periods
        :param split_by: one of the keys of ``ways``; default: the first that is known
        :return: dict of ``from`` and ``to`` (dicts of ``period_start``, ``label``,
            ``value``, None = none, and its ``text``), ``change``, ``percent`` (None
            where it would mean nothing), ``ratio`` (change in multiples of the usual
            one, with its sign; None = nobody can say), ``is_unusual`` (it is more than
            chance), ``seam`` (the definition changed between: the values are computed
            in two ways), ``is_running`` (the second period), ``kind`` (sum, mix,
            formula, none), ``split_by`` (empty = not split), ``ways`` (dicts of
            ``key`` and ``label``), ``parts`` (dicts of ``label``, ``kind``, ``from``,
            ``to``, ``part`` and ``text``, largest first; those of kind mix are from and
            to percent of all), ``sentences``: what changed, whether that is usual and
            why it is not split, which ``summary`` has together, then what the largest
            parts did
        :raises UserError: the periods cannot be compared, or there is no such split
        """
        if len(self.exists()) != 1:
            raise UserError(
                self.env._("Choose one existing KPI to explain its change.")
            )
        self.check_access("read")
        move = self._measure_move(*self._find_compared(period_from, period_to))
        kind = self._find_change_kind(move)
        ways = getattr(self, f"_list_ways_{kind}")(move)
        way, parts, reason = self._split_change(move, ways, split_by)
        return {
            **self._describe_move(move),
            "kind": kind if way else "none",
            "split_by": way.key if way else "",
            "ways": [{"key": each.key, "label": each.label} for each in ways],
            **self._describe_parts(move, parts, reason),
        }

    def _find_compared(self, period_from, period_to):
        """The periods of two days, the first of them before the second.

        :raises UserError: they are not, or have not begun
        """
        calendar = self.definition_id.calendar_id
        first, last = (
            calendar._period(self.frequency, fields.Date.to_date(day))
            for day in (period_from, period_to)
        )
        if first.start >= last.start:
            raise UserError(
                self.env._(
                    "Choose a period before %(last)s to compare it with, not"
                    " %(first)s.",
                    first=calendar._period_label(first),
                    last=calendar._period_label(last),
                )
            )
        if last.start > calendar._today():
            label = calendar._period_label(last)
            raise UserError(self.env._("%s has not begun yet.", label))
        return first, last

    def _measure_move(self, first, last):
        """``Move`` from one period to another, beside those over as long a time before.

        A value computed in another way, and that of a running period, are not compared
        with others.
        """
        series, back = self._read_moves(first, last)
        values, weights = series.values[:1], series.weights[0]
        start, end = series.index_of[first.start], series.index_of[last.start]
        span = end - start
        has_seam = series.seams[0] != ""
        at = np.arange(end % span, end + 1, span)[-back:]
        seams = [
            bool(has_seam[max(0, each - span + 1) : each + 1].any()) for each in at
        ]
        seams[-1] |= str(series.seams[0, start]) in PARTLY
        moves = measure_moves(values[:, at], np.array([seams]))
        is_running = self.definition_id.calendar_id._today() in last
        ratio = float(moves.ratios[0, -1])
        is_known = not is_running and ratio == ratio
        before, after = (
            self._read_side(period, values[0, place], weights[place])
            for period, place in ((first, start), (last, end))
        )
        move = Move(
            before,
            after,
            ratio if is_known else None,
            is_known and bool(moves.is_unusual[0, -1]),
            seams[-1],
            is_running,
        )
        if not isfinite(move.change or 0.0):
            raise UserError(self.env._("The change is too large to be a number."))
        return move

    def _read_moves(self, first, last):
        """``Series`` of the past that a change is compared with, up to its end.

        :return: it, and how many periods as far apart as these are compared at most
        """
        calendar, grain = self.definition_id.calendar_id, self.frequency
        span = len(calendar._periods(grain, first.start, last.start)) - 1
        back = WINDOW + 2  # changes, that of now, and where the first of them begins
        known = self.env["kpi.measurement"].search(
            self._facts(), order="period_start", limit=1
        )
        oldest = min(known.period_start or first.start, first.start)
        try:
            reach = calendars.previous(calendar._spec(), last, span * (back - 1)).start
        except calendars.PeriodError:  # the calendar begins in 1900
            reach = oldest
        (series,) = self._series(
            grain, max(oldest, reach), last.start, with_targets=False
        )
        return series, back

    def _read_side(self, period, value, weight):
        # How a value was computed is known to whoever sees it.
        definition = self.sudo().definition_id
        return Reading(
            period,
            definition.calendar_id._period_label(period),
            float(value) if value == value else None,
            float(weight) if weight == weight else None,
            definition._get_stretch(period).method,
        )

    def _get_change_percent(self, move):
        """Change in percent of the first value; None where that would mean nothing."""
        if move.change is None or not move.before.value:
            return None
        if self.unit in ("percent", "boolean"):
            return None
        percent = 100 * move.change / abs(move.before.value)
        return percent if isfinite(percent) else None

    def _split_change(self, move, ways, split_by):
        """Split a change in the way asked for, else in the first that is known.

        :return: ``Way`` (None = it was not split), its parts, and why it was not
        :raises UserError: there is no such way
        """
        asked = [way for way in ways if way.key == split_by] if split_by else ways
        if split_by and not asked:
            raise UserError(
                self.env._(
                    "Changes of %(kpi)s cannot be split by “%(way)s”.",
                    kpi=self.name,
                    way=split_by,
                )
            )
        if move.change is None:
            return None, [], self._say_missing(move)
        reasons = []
        for way in asked:
            try:
                return way, self._close_parts(way.split(move), move), ""
            except UnsplitChange as reason:
                reasons.append(str(reason))
        return None, [], reasons[0] if reasons else self._say_no_ways(move)

    def _close_parts(self, parts, move):
        closed = close(parts, move)
        if closed is None:
            raise UnsplitChange(
                self.env._(
                    "The parts do not add up to the change, as values are being"
                    " recalculated. Try again in some minutes."
                )
            )
        return closed
