from functools import partial

import numpy as np

from odoo import models

from odoo.addons.kpi_tracking.models.fact.kpi_measurement_breakdown import (
    COMBINED_BY,
    OTHER,
)

from ...analytics.explain import align_keys, split_sum
from .change import Part, UnsplitChange, Way, split_remainder

KINDS = {"sum": "sum", "mean": "mix", "average": "mix"}


class KpiReport(models.Model):
    """Changes of sums and counts, by the values of a field of their records."""

    _inherit = "kpi.report"

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
