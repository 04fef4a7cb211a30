"""Evaluation of formulas for the year to date."""

import numpy as np

from odoo.addons.kpi_base.engine.periods import indexes_in

from ...engine.period_report import last_parts, to_date
from ...engine.scope_values import ScopeValues
from .formula_values import FormulaEvaluation


class ToDateEvaluation(FormulaEvaluation):
    """Evaluates formulas on what their parts have come to since their year began."""

    def values_at(self, definition, scopes):
        if definition.computation == "formula":
            # Its own facts are those of periods, of which no total can be made.
            return self.evaluate(definition, scopes)[1]
        return super().values_at(definition, scopes)

    def _share_out(self, grain, definitions, reports, loaded):
        """Carry the facts on through each year before they are handed out."""
        fine = self._fine_periods(grain)
        years = self.calendar._periods("year", fine[0].start, fine[-1].start)
        year_index = np.array(indexes_in(years, fine))
        by_id = {definition.id: definition for definition in definitions}
        rows_of = {}
        for row, (_id, definition_id, *_scope) in enumerate(reports):
            rows_of.setdefault(by_id[definition_id].aggregation_time, []).append(row)
        for aggregation, rows in rows_of.items():
            weights = loaded.weights[rows]
            loaded.values[rows] = to_date(
                loaded.values[rows], weights, year_index, aggregation
            )
            loaded.weights[rows] = to_date(weights, weights, year_index, "sum")
        return super()._share_out(grain, definitions, reports, loaded)

    def _over_time(self, definition, grain, facts):
        """Each longer period has what its last part has."""
        index = indexes_in(self.periods, self._fine_periods(grain))
        lasts = last_parts(index)
        result = ScopeValues.empty(len(facts.values), len(self.periods))
        result.values[:] = facts.values[:, lasts]
        result.weights[:] = facts.weights[:, lasts]
        return result
