from math import floor, isfinite, log10

from odoo import models
from odoo.tools import float_is_zero
from odoo.tools.misc import formatLang

from odoo.addons.kpi_base.percent import format_percent

SAID = 5  # parts; the others together
MOST_DECIMALS = 6
MINUS = "\N{MINUS SIGN}"


class KpiReport(models.Model):
    """Changes and their parts in sentences."""

    _inherit = "kpi.report"

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
