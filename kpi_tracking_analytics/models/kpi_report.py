from collections import defaultdict
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from itertools import pairwise
from math import isfinite

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.schemas.base import GivenDay, Grain, Id, Nothing, Word
from odoo.addons.kpi_tracking.engine.change import WINDOW
from odoo.addons.kpi_tracking.engine.status import Judged
from odoo.addons.kpi_tracking.models.fact.kpi_measurement_breakdown import (
    COMBINED_BY,
    OTHER,
)

from ..analytics.explain import align_keys, measure_moves, split_sum
from ..analytics.whole import Level
from .change.change import (
    Move,
    Part,
    Reading,
    UnsplitChange,
    Way,
    close,
    split_remainder,
)
from .kpi_predictive_point import SHOWN

WIDE = ("company", "department")  # teams share people with departments
NESTED = (*WIDE, "user")
PARTLY = ("mixed", "within")  # seams in a period that was partly computed as before
KINDS = {"sum": "sum", "mean": "mix", "average": "mix"}
FINEST_LAST = ("department", "team", "user")


class KpiReport(models.Model):
    """The chart of a KPI goes on with what is expected of it."""

    _inherit = "kpi.report"

    predictive_ids = fields.One2many("kpi.predictive.analytics", "kpi_id")
    trend_ids = fields.One2many("kpi.trend.analysis", "kpi_id")

    def _get_period_label(self, day):
        """Name of the KPI's own period that holds a day."""
        calendar = self.definition_id.calendar_id
        return calendar._period_label(calendar._period(self.frequency, day))

    def action_open_forecast(self):
        """Open how the forecast was made, and what the past looks like."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Forecast"),
            "res_model": "kpi.predictive.analytics",
            "res_id": self.predictive_ids.id,
            "views": [(False, "form")],
        }

    @api.model
    @api.readonly
    def get_history(self, report_id: Id | Nothing, grain: Grain | Nothing = None):
        """As before; running and coming points have ``expected``, coming ones also
        ``coming``: dict of ``value``, and the limits ``low`` and ``high`` of 80 %.
        """
        history = super().get_history(report_id, grain)
        report = self.with_context(active_test=False).browse(report_id)
        if not history.get("points") or history["grain"] != report.frequency:
            return history
        known = self.env["kpi.predictive.point"]._read_expected(report.ids)
        if report.id not in known:
            return history
        expected = {
            start.isoformat(): point.as_json()
            for start, point in known[report.id].points.items()
        }
        shown = history["points"]
        for point in shown:
            if point["running"] and point["start"] in expected:
                point["expected"] = expected[point["start"]]
        shown += report._list_coming(shown[-1]["start"], expected)
        return history

    def _list_coming(self, last, expected):
        """Points of the periods after the last one shown.

        Those that have closed without a value are there, so that time runs evenly;
        where they would be more than what is expected, nothing of it is shown.
        """
        if not expected or last >= max(expected):
            return []
        calendar, grain = self.definition_id.calendar_id, self.frequency
        days = (fields.Date.to_date(day) for day in (last, max(expected)))
        periods = calendar._periods(grain, *days)[1:]
        missing = sum(each.start.isoformat() not in expected for each in periods)
        if missing > SHOWN[grain]:
            return []
        last_day = periods[-1].stop - timedelta(days=1)
        judged = self._get_judged_values(grain, periods[0].start, last_day)[self]
        return [
            {
                **asdict(judged.get(period.start, Judged())),
                "label": calendar._period_label(period),
                "start": period.start.isoformat(),
                "due": 1.0,
                "judged_value": None,
                "today": None,
                "seam": "",
                "change_reason": "",
                "running": False,
                "incomplete": False,
                "restated": [],
                **_describe_coming(expected.get(period.start.isoformat())),
            }
            for period in periods
        ]

    def _find_levels(self):
        """Levels of parents among these KPIs, the widest first; rows are places in it.

        A parent of which a part is not among them is left out, and who is in two
        departments at once.

        :return: list of ``Level``
        """
        summed = self.filtered(lambda kpi: kpi.definition_id.aggregation_scope == "sum")
        wide = summed.filtered(lambda kpi: kpi.scope_type in WIDE)
        if not wide or wide == summed and set(wide.mapped("scope_type")) == {"company"}:
            return []
        row_of = {id_: row for row, id_ in enumerate(self.ids)}
        parents_of, incomplete = defaultdict(set), set()
        pairs = wide._list_scope_pairs()
        nested = self.browse({part for part, _parent in pairs}).filtered(
            lambda kpi: kpi.scope_type in NESTED
        )
        for part, parent in pairs:
            if part not in nested._ids:
                continue
            if part in row_of:
                parents_of[part].add(parent)
            else:
                incomplete.add(parent)
        parent_of = {
            part: min(parents)
            for part, parents in parents_of.items()
            if len(parents) == 1 and parents.isdisjoint(incomplete)
        }
        by_depth = defaultdict(list)
        for part, parent in parent_of.items():
            depth, above = 0, parent
            while above := parent_of.get(above):
                depth += 1
            by_depth[depth].append((row_of[part], row_of[parent]))
        return [Level(*np.array(by_depth[depth], int).T) for depth in sorted(by_depth)]

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
                closed = close(way.split(move), move)
                if closed is None:
                    raise UnsplitChange(
                        self.env._(
                            "The parts do not add up to the change, as values are being"
                            " recalculated. Try again in some minutes."
                        )
                    )
                return way, closed, ""
            except UnsplitChange as reason:
                reasons.append(str(reason))
        return None, [], reasons[0] if reasons else self._say_no_ways(move)

    def _find_change_kind(self, move):
        """How changes can be split: ``sum``, ``mix``, ``formula`` or ``none``."""
        kinds = {
            self._find_method_kind(side.method) for side in (move.before, move.after)
        }
        return kinds.pop() if len(kinds) == 1 else "none"

    def _find_method_kind(self, method):
        if self.unit == "boolean":
            return "none"
        if method.computation == "formula":
            return "formula"
        if method.computation == "records":
            return KINDS.get(COMBINED_BY.get(method.measure), "none")
        return KINDS.get(method.aggregation_scope, "none")

    def _list_ways_none(self, _move):
        return []

    def _list_ways_sum(self, move):
        """By each field whose values do not overlap, and by what is below."""
        return [
            *self._list_field_ways(move, self._split_by_key),
            self._get_scope_way(self._split_sum_by_scope),
        ]

    def _list_field_ways(self, move, split):
        ways = []
        if move.after.method.computation == "records":
            parts = self.env["kpi.measurement.breakdown"]
            # What a KPI is split by is no secret to those who see it.
            for line in self.sudo().definition_id.breakdown_ids:
                field = parts._field_at(line.model_name, line.field_path)
                if field and not line._overlaps():
                    label = field._description_string(self.env)
                    path = line.field_path
                    ways.append(Way(path, label, partial(split, path)))
        return ways

    def _split_by_key(self, path, move):
        """Difference of each value of a field; what the user may not know is “Other”.

        Of a year the largest ones are stored: one that is not on both sides is in the
        rest of one of them.
        """
        sides = [self._read_sums(path, side) for side in (move.before, move.after)]
        (before, rest_before), (after, rest_after) = sides
        if rest_before is None:
            before = {**dict.fromkeys(after, 0.0), **before}
        if rest_after is None:
            after = {**dict.fromkeys(before, 0.0), **after}
        keys, *rows = align_keys(before, after)
        rests = [
            np.array([np.nan if rest is None else rest])
            for rest in (rest_before, rest_after)
        ]
        sizes = split_sum(*rows, *rests).parts[0].tolist()
        names = self._name_keys(path, move, keys)
        parts = [
            Part(names[key], "key", before[key], after[key], size)
            for key, size in zip(keys, sizes, strict=True)
            if size == size and key in names
        ]
        return [*parts, self._get_rest(self.env._("Other"), "other", parts, move)]

    def _read_keys(self, path, side):
        """Key → value and weight (None = unknown) of the parts that are stored."""
        found = self.env["kpi.measurement.breakdown"].search(
            [
                ("report_id", "=", self.id),
                ("grain", "=", side.period.grain),
                ("period_start", "=", side.period.start),
                ("field_path", "=", path),
            ]
        )
        if not found and side.value:
            raise UnsplitChange(
                self.env._("The values of %s are not stored by this field.", side.label)
            )
        return {
            part._key(): (part.value, None if part.weight is False else part.weight)
            for part in found
        }

    def _name_keys(self, path, move, keys):
        """Key → name, of those that the user may know."""
        return self.env["kpi.measurement.breakdown"]._names_of(
            move.after.method.model_name, path, set(keys)
        )

    def _read_sums(self, path, side):
        """Key → value, and what is not of these keys; None = all keys are stored."""
        values = {key: value for key, (value, _) in self._read_keys(path, side).items()}
        has_rest = values.pop(OTHER, None) is not None
        size = max(map(abs, [side.value, *values.values()]))
        rest = split_remainder(side.value, [*values.values()], size)
        return values, rest if has_rest or rest else None

    def _get_rest(self, label, kind, parts, move):
        """The part of all that is in none of ``parts``."""
        before, after = (
            split_remainder(
                total,
                [getattr(part, name) for part in parts],
                max([move.size, *(abs(getattr(part, name)) for part in parts)]),
            )
            for total, name in (
                (move.before.value, "before"),
                (move.after.value, "after"),
            )
        )
        return Part(label, kind, before, after, after - before)

    def _split_sum_by_scope(self, move):
        """Difference of each scope below, and of what is in none of them.

        One without a value on a side is not told apart: nobody entered one, or it was
        not tracked.
        """
        self._check_combined(move, "sum")
        below = self._find_scopes_below(move)
        before, after = (
            self._read_below(below, side.period) for side in (move.before, move.after)
        )
        parts = [
            Part(
                report.scope_name,
                "scope",
                before[report.id][0],
                after[report.id][0],
                after[report.id][0] - before[report.id][0],
            )
            for report in below
            if report.id in before and report.id in after
        ]
        if not parts:
            raise UnsplitChange(self._say_nothing_below())
        return [*parts, self._get_rest(self._name_beside(), "beside", parts, move)]

    def _get_scope_way(self, split):
        label = self.env._("Departments, teams or people")
        return Way("scope", label, split)

    def _name_beside(self):
        return self.env._("Other in %s", self.scope_name)

    def _say_nothing_below(self):
        return self.env._(
            "You see no values of departments, teams or people below %s that the change"
            " could be split by.",
            self.scope_name,
        )

    def _check_combined(self, move, aggregation):
        """Check that values of scopes below are declared to make up this one.

        :raises UnsplitChange: they are not
        """
        if move.after.method.aggregation_scope != aggregation:
            raise UnsplitChange(
                self.env._(
                    "Values of %s are not combined over people and departments.",
                    self.kpi_name,
                )
            )

    def _find_scopes_below(self, move):
        """KPIs of the same definition of which each counts a record of this one once.

        Of the nearest departments, else teams, else people.

        :raises UnsplitChange: the user sees none
        """
        below = self.made_of_ids.filtered(
            lambda kpi: kpi.definition_id == self.definition_id
        )
        for scope_type in FINEST_LAST:
            found = below.filtered(lambda kpi, kind=scope_type: kpi.scope_type == kind)
            if found:
                return self._check_counted_once(scope_type, found, move)
        raise UnsplitChange(self._say_nothing_below())

    def _check_counted_once(self, scope_type, reports, move):
        """Those whose values are in that of this KPI, and in none of the others.

        :raises UnsplitChange: a record may count for several
        """
        methods = {side.method for side in (move.before, move.after)}
        if any(self._counts_for_several(scope_type, method) for method in methods):
            raise UnsplitChange(
                self.env._(
                    "The same record may count for several of them, so the parts would"
                    " not add up."
                )
            )
        if scope_type == "user" and self.scope_type != "company":
            return self._filter_members(reports, move)
        has_field = all(method.team_field for method in methods)
        if scope_type == "team" and not has_field and self._share_people(reports, move):
            raise UnsplitChange(
                self.env._(
                    "Some people are in several of the teams, so the parts would not"
                    " add up."
                )
            )
        return reports

    def _counts_for_several(self, scope_type, method):
        """Whether a record can belong to several departments, teams or people."""
        if method.computation != "records":
            return False
        own = scope_type != "user" and method[f"{scope_type}_field"]
        model = self.env[method.model_name]
        for step in filter(None, (own or method.user_field or "").split(".")):
            field = model._fields.get(step)
            if field is None or field.type in ("many2many", "one2many"):
                return True
            model = self.env[field.comodel_name] if field.comodel_name else model
        return False

    def _find_stays(self, move, **scope):
        """Memberships as long as either period: (period, rows that touch it)."""
        domain = [(name, "in", values) for name, values in scope.items()]
        domain.append(("company_id", "=", self.company_id.id))
        # Who belongs where decides only what the user's own KPIs are called parts of.
        stays = self.env["kpi.membership"].sudo().search(domain, order="date_from, id")
        tomorrow = self.definition_id.calendar_id._today() + timedelta(days=1)
        for side in (move.before, move.after):
            start, stop = side.period.start, min(side.period.stop, tomorrow)
            yield (
                (start, stop),
                stays.filtered(
                    lambda stay, start=start, stop=stop: (
                        stay.date_from < stop and stay.date_to > start
                    )
                ),
            )

    def _filter_members(self, reports, move):
        """Those of people who were here throughout both periods."""
        if any(
            side.method[f"{self.scope_type}_field"]
            for side in (move.before, move.after)
        ):
            raise UnsplitChange(self._say_nothing_below())
        for (start, stop), stays in self._find_stays(
            move,
            scope_type=[self.scope_type],
            scope_id=[self.scope_id],
            user_id=reports.user_id.ids,
        ):
            members = stays.filtered(
                lambda stay, start=start, stop=stop: (
                    stay.date_from <= start and stay.date_to >= stop
                )
            ).user_id
            reports = reports.filtered(lambda kpi, known=members: kpi.user_id in known)
        if not reports:
            raise UnsplitChange(self._say_nothing_below())
        return reports

    def _share_people(self, reports, move):
        """Whether somebody was in two of these teams at once."""
        return any(
            earlier.date_to > later.date_from
            for _days, stays in self._find_stays(
                move, scope_type=["team"], scope_id=reports.team_id.ids
            )
            for same in stays.grouped("user_id").values()
            for earlier, later in pairwise(same)
        )

    def _read_below(self, reports, period):
        """Report id → value and weight (NaN = none) of those with a value."""
        return {
            report_id: (value, weight)
            for series in reports._series(
                period.grain, period.start, period.start, with_targets=False
            )
            for report_id, value, weight in zip(
                series.report_ids,
                series.values[:, 0].tolist(),
                series.weights[:, 0].tolist(),
                strict=True,
            )
            if value == value
        }


def _describe_coming(expected):
    """Of a period that has closed nothing is expected any more."""
    return {"coming": True, "expected": expected} if expected else {}
