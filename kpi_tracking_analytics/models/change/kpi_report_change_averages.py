import numpy as np

from odoo import models

from odoo.addons.kpi_tracking.models.fact.kpi_measurement_breakdown import OTHER

from ...analytics.explain import split_average
from .change import Part, UnsplitChange, split_remainder


class KpiReport(models.Model):
    """Changes of averages and shares: by what parts did, and by how large they were."""

    _inherit = "kpi.report"

    def _list_ways_mix(self, move):
        """By each field whose values do not overlap, and by what is below."""
        return [
            *self._list_field_ways(move, self._split_mix_by_key),
            self._get_scope_way(self._split_mix_by_scope),
        ]

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
        rows = [
            self._close_average(
                [found.get(key, (np.nan, 0.0)) for key in keys],
                side,
                self.env._(
                    "The parts of %s have more records than itself, so they would not"
                    " add up.",
                    side.label,
                ),
            )
            for found, side in zip(sides, (move.before, move.after), strict=True)
        ]
        labels = [*(names[key] for key in keys), self.env._("Other")]
        return self._make_mix_parts(labels, *rows)

    def _split_mix_by_scope(self, move):
        """By the scopes below, as far as the user sees them."""
        self._check_combined(move, "average")
        below = self._find_scopes_below(move)
        too_many = self.env._(
            "The departments, teams or people below %s have more records than itself,"
            " so the parts would not add up.",
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
                    "Nobody knows how many records the values of %s are averages of.",
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
