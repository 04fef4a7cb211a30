from datetime import timedelta
from functools import partial
from itertools import pairwise
from math import floor, isfinite, log10

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.engine.formatting import is_far
from odoo.addons.kpi_base.formatting import (
    format_number,
    format_percent,
    format_signed,
)
from odoo.addons.kpi_base.schemas.base import GivenDay, Nothing, Word
from odoo.addons.kpi_tracking.engine.change import (
    FAR,
    UNUSUAL,
    WINDOW,
    measure_changes,
)
from odoo.addons.kpi_tracking.engine.formula import FormulaError, parse
from odoo.addons.kpi_tracking.engine.formula.formula import find_unit_code
from odoo.addons.kpi_tracking.models.fact.kpi_measurement_breakdown import (
    COMBINED_BY,
    OTHER,
)

from ..analytics.explain import MOST_INPUTS, list_inputs, split_average, split_by_inputs
from .change import (
    FINEST_LAST,
    NEAR,
    Move,
    Part,
    Reading,
    UnsplitChange,
    Way,
    close,
    split_remainder,
    sum_rests,
)

PARTLY = ("mixed", "within")  # seams in a period that was partly computed as before
KINDS = {"sum": "sum", "mean": "mix", "average": "mix"}
SAID = 5  # parts; the others together
MOST_DECIMALS = 6
MINUS = "\N{MINUS SIGN}"


class KpiReport(models.Model):
    """Why a KPI moved from one of its periods to another."""

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

        :param period_from: any day of the first period
        :param period_to: any day of the second
        :param split_by: one of the keys of ``ways``; default: the first that is known
        :return: dict of ``from`` and ``to`` (dicts of ``period_start``, ``label``,
            ``value``, None = none, and its ``text``), ``change``, ``percent`` (None
            where it would mean nothing), ``ratio`` (change in multiples of the usual
            one, with its sign; None = nobody can say), ``is_unusual`` (it is more than
            chance), ``seam`` (the definition changed between: the values are computed
            in two ways), ``is_running`` (the second period), ``kind`` (sum, mix,
            formula, none), ``split_by`` (empty = not split), ``ways`` (dicts of
            ``key`` and ``label``), ``parts`` (dicts of ``label``, ``kind``, ``from``,
            ``to``, ``part``, ``text``, and ``rest_text`` of it and those after it
            together, largest first; those of kind mix are from and to percent of all),
            ``sentences``: what changed, whether that is usual and why it is not split,
            which ``summary`` has together, then what the largest parts did
        :raises UserError: the periods cannot be compared, or there is no such split
        """
        if len(self.exists()) != 1:
            raise UserError(self.env._("Select one KPI to explain."))
        self.check_access("read")
        move = self._measure_move(*self._find_compared(period_from, period_to))
        kind = self._find_change_kind(move)
        ways = self._list_ways(kind, move)
        way, parts, reason = self._split_change(move, ways, split_by)
        summary = [*self._say_move(move), *filter(None, [reason])]
        rests = sum_rests([part.size for part in parts])
        return {
            **self._describe_move(move),
            "kind": kind if way else "none",
            "split_by": way.key if way else "",
            "ways": [{"key": each.key, "label": each.label} for each in ways],
            "parts": [
                {
                    "label": part.label,
                    "kind": part.kind,
                    "from": part.before,
                    "to": part.after,
                    "part": part.size,
                    "text": self._format_change(part.size),
                    "rest_text": self._format_change(rest),
                }
                for part, rest in zip(parts, rests, strict=True)
            ],
            "summary": " ".join(summary),
            "sentences": [*summary, *self._say_parts(parts)],
        }

    @api.readonly
    def explain_latest_change(self):
        """Explain the change between the last two closed periods that have a value.

        :return: dict of ``title`` (“Why Oct 2026 fell by 209 k€”), ``note`` (whether
            that is usual), and ``from``, ``to``, ``parts``, ``split_by`` and ``ways``
            of ``explain_change``, with short texts; an empty list if nothing changed
        :raises UserError: the change cannot be calculated
        """
        if len(self.exists()) != 1:
            raise UserError(self.env._("Select one KPI to explain."))
        self.check_access("read")
        days = self._list_closed_days(2)
        if len(days) < 2 or self.unit == "boolean":
            return {}
        explained = self.explain_change(*days)
        change, sentences = explained["change"], explained["sentences"]
        if not change:
            return {}
        parts = explained["parts"]
        rests = sum_rests([part["part"] for part in parts])
        # Who sees a KPI reads its numbers in its unit.
        kpi = self.sudo().definition_id
        words = {
            "period": explained["to"]["label"],
            "size": kpi._format_distance(abs(change)),
        }
        if change > 0:
            title = self.env._("Why %(period)s rose by %(size)s", **words)
        else:
            title = self.env._("Why %(period)s fell by %(size)s", **words)
        sides = {
            name: {**side, "text": kpi._format_compact(side["value"])}
            for name, side in explained.items()
            if name in ("from", "to")
        }
        return {
            **sides,
            "title": title,
            "note": explained["summary"].removeprefix(sentences[0]).strip(),
            "parts": [
                {
                    **part,
                    "text": self._format_step(part["part"]),
                    "rest_text": self._format_step(rest),
                }
                for part, rest in zip(parts, rests, strict=True)
            ],
            "split_by": explained["split_by"],
            "ways": explained["ways"],
        }

    def _format_step(self, size):
        """A change with its sign, as short as values on cards."""
        # Who sees a KPI reads its numbers in its unit.
        short = self.sudo().definition_id._format_distance(abs(size))
        return format_signed(self.env, size, short)

    def _list_closed_days(self, count):
        """First days of the last closed periods that have a value, oldest first."""
        calendar = self.definition_id.calendar_id
        running = calendar._period(self.frequency, calendar._today())
        facts = self.env["kpi.measurement"].search_fetch(
            self._facts() & Domain("period_start", "<", running.start),
            ["period_start"],
            order="period_start desc",
            limit=count,
        )
        return [fact.period_start for fact in reversed(facts)]

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
                    "%(first)s is not before %(last)s. Choose an earlier period.",
                    first=calendar._period_label(first),
                    last=calendar._period_label(last),
                )
            )
        if last.start > calendar._today():
            label = calendar._period_label(last)
            raise UserError(self.env._("%s has not started yet.", label))
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
        with np.errstate(over="ignore", invalid="ignore"):
            changes = measure_changes(values[:, at], seams=np.array([seams]))
        is_running = self.definition_id.calendar_id._today() in last
        ratio = float(changes.ratios[0, -1])
        is_known = not is_running and ratio == ratio
        before, after = (
            self._read_side(period, values[0, place], weights[place])
            for period, place in ((first, start), (last, end))
        )
        move = Move(
            before,
            after,
            ratio if is_known else None,
            is_known and abs(ratio) > UNUSUAL,
            seams[-1],
            is_running,
            self._is_comparable(last),
        )
        if not isfinite(move.change or 0.0):
            raise UserError(self.env._("The change is too large to calculate."))
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
        start = max(oldest, reach)
        (series,) = self._series(grain, start, last.start, with_targets=False)
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
        # Of almost nothing the two values say more.
        if is_far(move.before.value + move.change, move.before.value):
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
                    "Changes in %(kpi)s cannot be split by “%(way)s”.",
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
                            "Values are being recalculated. Try again in a few minutes."
                        )
                    )
                return way, closed, ""
            except UnsplitChange as reason:
                reasons.append(str(reason))
        return None, [], reasons[0] if reasons else self._say_no_ways(move)

    def _find_change_kind(self, move):
        """How changes can be split: ``sum``, ``mix``, ``formula`` or ``none``."""
        methods = (move.before.method, move.after.method)
        kinds = {self._find_method_kind(method) for method in methods}
        return kinds.pop() if len(kinds) == 1 else "none"

    def _find_method_kind(self, method):
        if self.unit == "boolean":
            return "none"
        if method.computation == "formula":
            return "formula"
        if method.computation == "records":
            return KINDS.get(COMBINED_BY.get(method.measure), "none")
        return KINDS.get(method.aggregation_scope, "none")

    def _list_ways(self, kind, move):
        """Formulas by their inputs; others by each field whose values do not overlap,
        and by what is below.
        """
        if kind == "none":
            return []
        if kind == "formula":
            label = self.env._("KPI of the Formula")
            return [Way("input", label, self._split_by_input)]
        split, split_by_scope = {
            "sum": (self._split_by_key, self._split_sum_by_scope),
            "mix": (self._split_mix_by_key, self._split_mix_by_scope),
        }[kind]
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
        label = self.env._("Department, Team or Person")
        return [*ways, Way("scope", label, split_by_scope)]

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
        names = self._name_keys(path, move, {*before, *after})
        parts = [
            Part(names[key], "key", before[key], after[key], after[key] - before[key])
            for key in dict.fromkeys([*after, *before])
            if key in before and key in after and key in names
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
                self.env._("No breakdown by this field is stored for %s.", side.label)
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
        below = self._find_scopes_below(move, "sum")
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

    def _name_beside(self):
        return self.env._("Other in %s", self.scope_name)

    def _say_nothing_below(self):
        return self.env._(
            "No values of levels below %s are available to you.",
            self.scope_name,
        )

    def _find_scopes_below(self, move, aggregation):
        """KPIs of the same definition of which each counts a record of this one once.

        Of the nearest departments, else teams, else people.

        :param aggregation: how values of scopes below have to make up this one
        :raises UnsplitChange: they do not, or the user sees none
        """
        if move.after.method.aggregation_scope != aggregation:
            raise UnsplitChange(
                self.env._(
                    "Values of %s are not combined across levels.",
                    self.kpi_name,
                )
            )
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
                    "Records can belong to several levels, so the parts do not add up."
                )
            )
        if scope_type == "user" and self.scope_type != "company":
            return self._filter_members(reports, move)
        has_field = all(method.team_field for method in methods)
        if scope_type == "team" and not has_field and self._share_people(reports, move):
            raise UnsplitChange(
                self.env._(
                    "Some people are in several teams, so the parts do not add up."
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

    def _split_mix_by_key(self, path, move):
        """By the values of a field; what the user may not know is in “Other”.

        Of a year the largest ones are stored: one that is not on both sides is in the
        rest of one of them.
        """
        sides = [self._read_keys(path, side) for side in (move.before, move.after)]
        names = self._name_keys(path, move, set().union(*sides) - {OTHER})
        keys = sorted(
            key
            for key in set().union(*sides) & names.keys() - {OTHER}
            if all(key in found or OTHER not in found for found in sides)
        )
        rows = []
        for found, side in zip(sides, (move.before, move.after), strict=True):
            known = [found.get(key, (np.nan, 0.0)) for key in keys]
            too_many = self.env._(
                "The parts of %s have more records than the total, so they do not "
                "add up.",
                side.label,
            )
            rows.append(self._close_average(known, side, too_many))
        labels = [*(names[key] for key in keys), self.env._("Other")]
        return self._make_mix_parts(labels, *rows)

    def _split_mix_by_scope(self, move):
        """By the scopes below, as far as the user sees them."""
        below = self._find_scopes_below(move, "average")
        too_many = self.env._(
            "Levels below %s have more records than the total, so parts do not add up.",
            self.scope_name,
        )
        rows = []
        for side in (move.before, move.after):
            found = self._read_below(below, side.period)
            known = [found.get(report.id, (np.nan, 0.0)) for report in below]
            rows.append(self._close_average(known, side, too_many))
        if not any(weights[:-1].any() for _values, weights in rows):
            raise UnsplitChange(self._say_nothing_below())
        labels = [*below.mapped("scope_name"), self._name_beside()]
        return self._make_mix_parts(labels, *rows)

    def _close_average(self, parts, side, too_many):
        """Values and weights of the parts of an average, and last of what is left.

        :param parts: (value, weight) of each; a weight of None or NaN: nobody knows
        :param too_many: what to say where they weigh more than the whole
        :return: two arrays, NaN = no value, 0 = no weight
        :raises UnsplitChange: there are no weights, or more than there are here
        """
        values, weights = np.array([*parts, (np.nan, 0.0)], float)[:-1].T
        total = side.weight or 0.0
        if total <= 0 or np.isnan(weights).any():
            raise UnsplitChange(
                self.env._(
                    "The record count behind the average of %s is unknown.",
                    side.label,
                )
            )
        rest = split_remainder(total, weights.tolist(), total)
        if rest < 0 or (weights < 0).any():
            raise UnsplitChange(too_many)
        known = float(np.where(weights > 0, values * weights, 0.0).sum())
        own = (side.value * total - known) / rest if rest else np.nan
        return np.append(values, own), np.append(weights, rest)

    @staticmethod
    def _make_mix_parts(labels, before, after):
        """What the value and the share of each part did to the whole.

        :param before, after: values and weights, as of ``_close_average``
        """
        values, weights = zip(before, after, strict=True)
        split = split_average(*(np.array([row]) for row in (*values, *weights)))
        shares = [100 * row / row.sum() for row in weights]
        parts = []
        for at, label in enumerate(labels):
            known = [
                float(row[at]) if load[at] > 0 else None
                for row, load in zip(values, weights, strict=True)
            ]
            share = [float(row[at]) for row in shares]
            parts.append(Part(label, "rate", *known, float(split.rate[0, at])))
            parts.append(Part(label, "mix", *share, float(split.mix[0, at])))
        return parts

    def _split_by_input(self, move):
        """Shapley value of each input: exact, the same in any order.

        Who does not see all that a formula is made of is not shown any of it: what is
        hidden would follow from the rest.
        """
        definition = move.after.method
        if move.before.method.formula != definition.formula:
            raise UnsplitChange(
                self.env._("The formula changed between the two periods.")
            )
        formula = parse(definition.formula)
        texts = list_inputs(formula)
        if len(texts) > MOST_INPUTS:
            raise UnsplitChange(
                self.env._(
                    "The formula has %(count)s inputs; at most %(most)s can be split.",
                    count=len(texts),
                    most=MOST_INPUTS,
                )
            )
        by_code = definition._components_by_code()
        try:
            before, after = (
                self._read_inputs(definition, by_code, side)
                for side in (move.before, move.after)
            )
            split = split_by_inputs(formula, before, after)
        except FormulaError as error:
            raise UnsplitChange(definition._translate_error(error)) from error
        if not split.is_split[0]:
            raise UnsplitChange(
                self.env._(
                    "The change cannot be split because the formula cannot mix "
                    "inputs from both periods."
                )
            )
        return [
            Part(
                by_code[text].name
                if text in by_code
                else definition._name_codes(text, by_code),
                "input",
                before[text],
                after[text],
                float(size),
                by_code.get(find_unit_code(text, by_code)),
            )
            for text, size in zip(texts, split.parts[0], strict=True)
        ]

    def _read_inputs(self, definition, by_code, side):
        """Part of the formula → its value in a period.

        :raises UnsplitChange: the user may not know them, or the stored value is not
            made of them
        """
        reports = map(self._report_of, by_code.values())
        parts, is_hidden = self._read_formula_parts(definition, side.period, reports)
        if is_hidden:
            raise UnsplitChange(
                self.env._("You are not allowed to access all inputs of %s.", self.name)
            )
        _text, value = parts[-1]
        if value is None or not abs(value - side.value) <= NEAR * abs(side.value):
            raise UnsplitChange(
                self.env._(
                    "The value of %s is being recalculated. Try again in a few "
                    "minutes.",
                    side.label,
                )
            )
        return dict(parts)

    def _describe_move(self, move):
        """What changed, as ``explain_change`` returns it."""
        sides = {"from": move.before, "to": move.after}
        texts = self._format_sides(move.before.value, move.after.value)
        return {
            **{
                name: {
                    "period_start": side.period.start.isoformat(),
                    "label": side.label,
                    "value": side.value,
                    "text": text,
                }
                for (name, side), text in zip(sides.items(), texts, strict=True)
            },
            "change": move.change,
            "percent": self._get_change_percent(move),
            "ratio": move.ratio if isfinite(move.ratio or 0.0) else None,
            "is_unusual": move.is_unusual,
            "seam": move.seam,
            "is_running": move.is_running,
        }

    def _format_change(self, change):
        """A change with sign and unit, to three digits or those of the KPI."""
        if self.unit == "percent":
            size = round(abs(change), _count_digits(change, self.decimals))
            number = self.env["kpi.definition"]._format_entered(size, 0)
            text = self.env._("%s points", number)
        else:
            # A value with its unit is known to whoever sees the KPI.
            definition = self.sudo().definition_id
            text = self._format_rounded(abs(change), change, definition)
        return format_signed(self.env, change, text)

    def _format_rounded(self, value, change, definition):
        """A value with as many digits as say how much it changed.

        :param definition: in whose unit it is; None = in none
        """
        if not definition:
            rounded = round(value, _count_digits(change, 0))
            text = self.env["kpi.definition"]._format_entered(rounded, 0)
        elif definition.unit == "currency":
            text = definition._format_value(value)
        else:
            digits = _count_digits(change, definition.decimals)
            text = definition._format_value(round(value, digits))
        return text.replace("-", MINUS, 1) if value < 0 else text

    def _format_sides(self, before, after, part=None):
        """Values before and after a change.

        :param part: whose they are; None = of the KPI itself
        """
        if part and part.kind == "mix":
            return [format_percent(self.env, value / 100) for value in (before, after)]
        # As above.
        definition = self.sudo().definition_id
        if part and part.kind == "input":
            definition = part.definition
        known = [value for value in (before, after) if value is not None]
        change = known[-1] - known[0] if len(known) > 1 else sum(known)
        return [
            self.env._("no value")
            if value is None
            else self._format_rounded(value, change, definition)
            for value in (before, after)
        ]

    def _say_move(self, move):
        """What changed by how much, and whether that is usual."""
        if move.change is None:
            return []
        before, after = self._format_sides(move.before.value, move.after.value)
        words = {
            "kpi": self.name,
            "before": before,
            "after": after,
            "first": move.before.label,
            "last": move.after.label,
        }
        seam = move.seam and self.env._(
            "The definition changed between %(first)s and %(last)s, which may explain "
            "part of the difference.",
            **words,
        )
        sentences = (self._say_change(move, words), self._say_ratio(move), seam)
        return [sentence for sentence in sentences if sentence]

    def _say_change(self, move, words):
        if self.unit == "boolean":
            return self.env._(
                "%(kpi)s: %(before)s in %(first)s, %(after)s in %(last)s.", **words
            )
        if not move.change:
            return self.env._(
                "%(kpi)s was %(before)s in both %(first)s and %(last)s.", **words
            )
        percent = self._get_change_percent(move)
        words["change"] = self._format_change(move.change)
        if percent is not None:
            size = format_percent(self.env, abs(percent) / 100)
            words["change"] += f" ({format_signed(self.env, percent, size)})"
        if move.change > 0:
            return self.env._(
                "%(kpi)s rose from %(before)s in %(first)s to %(after)s in %(last)s:"
                " %(change)s.",
                **words,
            )
        return self.env._(
            "%(kpi)s fell from %(before)s in %(first)s to %(after)s in %(last)s:"
            " %(change)s.",
            **words,
        )

    def _say_ratio(self, move):
        """How the change compares with the usual ones; may be empty."""
        if move.is_running:
            return self.env._("%s is still running (value so far).", move.after.label)
        if not move.change or move.seam:
            return ""
        if move.ratio is None:
            return self.env._("Not enough earlier values to compare.")
        if not isfinite(move.ratio):
            return self.env._("It never changed before.")
        if move.is_unusual and abs(move.ratio) >= FAR:
            return self.env._("Far larger than its usual change.")
        ratio = format_number(self.env, abs(move.ratio), 1)
        if move.is_unusual:
            return self.env._("%s× its usual change; unlikely to be chance.", ratio)
        return self.env._("%s× its usual change; possibly due to chance.", ratio)

    def _say_missing(self, move):
        if not move.is_comparable:
            words = {"first": move.before.label, "last": move.after.label}
            return self.env._(
                "%(last)s is still running. Compare it with %(first)s after it closes.",
                **words,
            )
        sides = (move.before, move.after)
        return self.env._(
            "%(kpi)s has no value in %(periods)s.",
            kpi=self.name,
            periods=", ".join(side.label for side in sides if side.value is None),
        )

    def _say_no_ways(self, move):
        """Why changes of such a KPI are not split."""
        methods = [side.method for side in (move.before, move.after)]
        kinds = {method.computation for method in methods}
        if self.unit == "boolean":
            return self.env._("Yes/No values cannot be split.")
        if len(set(map(self._find_method_kind, methods))) > 1:
            return self.env._(
                "The values are calculated differently and have no parts in common."
            )
        if kinds != {"records"}:
            return self.env._(
                "Changes cannot be split: values are not combined from other levels."
            )
        measures = move.after.method._fields["measure"]._description_selection(self.env)
        return self.env._(
            "Changes in “%(measure)s” cannot be split into parts.",
            measure=dict(measures)[move.after.method.measure],
        )

    def _say_parts(self, parts):
        """What the largest parts did, and the others together."""
        said, others = parts[:SAID], parts[SAID:]
        if len(others) == 1:
            said, others = parts, []
        sentences = [self._say_part(part) for part in said]
        if others:
            sentences.append(
                self.env._(
                    "%(count)s other parts: %(change)s.",
                    count=len(others),
                    change=self._format_change(sum(part.size for part in others)),
                )
            )
        return sentences

    def _say_part(self, part):
        before, after = self._format_sides(part.before, part.after, part)
        words = {
            "part": part.label,
            "change": self._format_change(part.size),
            "before": before,
            "after": after,
        }
        if part.kind == "rate":
            return self.env._(
                "%(part)s: %(change)s due to its value (%(before)s to %(after)s).",
                **words,
            )
        if part.kind == "mix":
            return self.env._(
                "%(part)s: %(change)s due to its share (%(before)s to %(after)s).",
                **words,
            )
        return self.env._(
            "%(part)s: %(change)s, from %(before)s to %(after)s.", **words
        )

    def action_explain_change(self, split_by: Word | Nothing = None):
        """Open why the KPI moved between the last two closed periods.

        :param split_by: as of ``explain_change``
        """
        self.ensure_one()
        return self._open_change(split_by=split_by)

    def _open_change(self, period_to=None, split_by=None):
        """The dialog; with the change to a period of the KPI's own, if one is given."""
        return {
            "type": "ir.actions.client",
            "tag": "kpi_tracking_analytics.change",
            "name": self.env._("Explain Change"),
            "target": "new",
            "params": {
                "report_id": self.id,
                "split_by": split_by or False,
                "to": period_to and fields.Date.to_string(period_to),
            },
        }


def _count_digits(change, decimals):
    """Decimals by which a change has three digits, at least those of its KPI.

    All of them where nothing changed.
    """
    if not change:
        return MOST_DECIMALS
    return max(decimals, min(2 - floor(log10(abs(change))), MOST_DECIMALS))
