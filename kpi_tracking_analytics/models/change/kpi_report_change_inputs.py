from odoo import models

from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_tracking.engine.formula import FormulaError, parse
from odoo.addons.kpi_tracking.engine.formula.parts import find_unit_code

from ...analytics.explain import MOST_INPUTS, list_inputs, split_by_inputs
from .change import NEAR, Part, UnsplitChange, Way


class KpiReport(models.Model):
    """Changes of formulas, by what they take in."""

    _inherit = "kpi.report"

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
