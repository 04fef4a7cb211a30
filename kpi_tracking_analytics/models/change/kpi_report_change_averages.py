from math import floor, isfinite, log10

import numpy as np

from odoo import models
from odoo.tools import float_is_zero
from odoo.tools.misc import formatLang

from odoo.addons.kpi_base.percent import format_percent
from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_tracking.engine.formula import FormulaError, parse
from odoo.addons.kpi_tracking.engine.formula.parts import find_unit_code
from odoo.addons.kpi_tracking.models.fact.kpi_measurement_breakdown import OTHER

from ...analytics.explain import (
    MOST_INPUTS,
    list_inputs,
    split_average,
    split_by_inputs,
)
from .change import NEAR, Part, UnsplitChange, Way, split_remainder

SAID = 5  # parts; the others together
MOST_DECIMALS = 6
MINUS = "\N{MINUS SIGN}"


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

    def _list_ways_formula(self, _move):
        label = self.env._("KPIs of the formula")
        return [Way("input", label, self._split_by_input)]

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
                    "The formula has %(count)s inputs. Changes of formulas of up to"
                    " %(most)s are split.",
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
                    "With the inputs of one period beside those of the other the"
                    " formula has no value, so no input has a part of its own."
                )
            )
        return [
            Part(
                self._name_input(definition, text, by_code),
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
        # The engine evaluates for everybody; who sees it is asked below.
        kpi = self.sudo().definition_id
        start = side.period.start
        evaluation = kpi._evaluation(self.frequency, start, start)
        scope = (self.scope_type, self.scope_id, self.company_id.id)
        # Who leads the people below may see what they add up to.
        if not (self.is_managed_by_me or self.env.user.has_group(OFFICER)):
            is_seen = all(self._report_of(part) for part in by_code.values())
            if not is_seen or evaluation.is_made_of_below(definition, scope):
                raise UnsplitChange(
                    self.env._(
                        "You do not see all values that %s is computed from.", self.name
                    )
                )
        parts = evaluation.explain_parts(definition, scope)
        _text, value = parts[-1]
        if value is None or not abs(value - side.value) <= NEAR * abs(side.value):
            raise UnsplitChange(
                self.env._(
                    "The value of %s is being recalculated. Try again in some minutes.",
                    side.label,
                )
            )
        return dict(parts)

    def _name_input(self, definition, text, by_code):
        if text in by_code:
            return by_code[text].name
        return definition._name_codes(text, by_code)

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

    def _describe_parts(self, move, parts, reason):
        """Parts and sentences, as ``explain_change`` returns them.

        :param reason: why there are no parts; may be empty
        """
        summary = [*self._say_move(move), *filter(None, [reason])]
        return {
            "parts": [self._describe_part(part) for part in parts],
            "summary": " ".join(summary),
            "sentences": [*summary, *self._say_parts(parts)],
        }

    def _describe_part(self, part):
        return {
            "label": part.label,
            "kind": part.kind,
            "from": part.before,
            "to": part.after,
            "part": part.size,
            "text": self._format_change(part.size),
        }

    def _format_change(self, change):
        """A change with sign and unit, to three digits or those of the KPI."""
        sign = MINUS if change < 0 else "+"
        if self.unit == "percent":
            size = round(abs(change), _count_digits(change, self.decimals))
            number = self._format_number(size)
            return self.env._("%(sign)s%(number)s points", sign=sign, number=number)
        # A value with its unit is known to whoever sees the KPI.
        definition = self.sudo().definition_id
        return f"{sign}{self._format_rounded(abs(change), change, definition)}"

    def _format_rounded(self, value, change, definition):
        """A value with as many digits as say how much it changed.

        :param definition: in whose unit it is; None = in none
        """
        if not definition:
            text = self._format_number(round(value, _count_digits(change, 0)))
        elif definition.unit == "currency":
            text = definition._format_value(value)
        else:
            digits = _count_digits(change, definition.decimals)
            text = definition._format_value(round(value, digits))
        return text.replace("-", MINUS, 1) if value < 0 else text

    def _format_number(self, value):
        digits = next(
            digits
            for digits in range(MOST_DECIMALS + 1)
            if digits == MOST_DECIMALS
            or float_is_zero(
                value - round(value, digits), precision_digits=MOST_DECIMALS
            )
        )
        return formatLang(self.env, value, digits=digits)

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
        sentences = [
            self._say_change(move, words),
            self._say_ratio(move),
            self._say_seam(move),
        ]
        return [sentence for sentence in sentences if sentence]

    def _say_change(self, move, words):
        if self.unit == "boolean":
            return self.env._(
                "%(kpi)s: %(before)s in %(first)s, %(after)s in %(last)s.", **words
            )
        if not move.change:
            return self.env._(
                "%(kpi)s was %(before)s both in %(first)s and in %(last)s.", **words
            )
        percent = self._get_change_percent(move)
        words["change"] = self._format_change(move.change)
        if percent is not None:
            sign = MINUS if percent < 0 else "+"
            share = format_percent(self.env, abs(percent) / 100)
            words["change"] += f" ({sign}{share})"
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
            return self.env._(
                "%s is still running and compared as it stands.", move.after.label
            )
        if not move.change or move.seam:
            return ""
        if move.ratio is None:
            return self.env._("Too few values before it to say whether that is usual.")
        if not isfinite(move.ratio):
            return self.env._("It had not changed at all before.")
        ratio = formatLang(self.env, abs(move.ratio), digits=1)
        if move.is_unusual:
            return self.env._("That is %s × its usual change: more than chance.", ratio)
        return self.env._("That is %s × its usual change: it may be chance.", ratio)

    def _say_seam(self, move):
        if not move.seam:
            return ""
        return self.env._(
            "The definition changed between %(first)s and %(last)s: the two values are"
            " computed in two ways, which is part of the change.",
            first=move.before.label,
            last=move.after.label,
        )

    def _say_missing(self, move):
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
            return self.env._("Yes and no have no parts.")
        if len(set(map(self._find_method_kind, methods))) > 1:
            return self.env._("The two values have no parts in common.")
        if kinds != {"records"}:
            return self.env._("Its values are not declared to be made of others.")
        measures = move.after.method._fields["measure"]._description_selection(self.env)
        return self.env._(
            "A change of “%(measure)s” is not the sum of changes of its parts, so it is"
            " not split.",
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
                    "%(count)s more parts together: %(change)s.",
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
                "%(part)s: %(change)s by its own value, from %(before)s to %(after)s.",
                **words,
            )
        if part.kind == "mix":
            return self.env._(
                "%(part)s: %(change)s by its share of all, from %(before)s to"
                " %(after)s.",
                **words,
            )
        return self.env._(
            "%(part)s: %(change)s, from %(before)s to %(after)s.", **words
        )


def _count_digits(change, decimals):
    """Decimals by which a change has three digits, at least those of its KPI.

    All of them where nothing changed.
    """
    if not change:
        return MOST_DECIMALS
    return max(decimals, min(2 - floor(log10(abs(change))), MOST_DECIMALS))
