import numpy as np

from odoo import models

from ...engine import formula as formulas
from ...engine.period_report import TO_DATE, last_parts, to_date
from ...engine.periods import places_in
from ..core.kpi_formula_evaluation import FormulaEvaluation, Values
from ..core.kpi_report_values import known_values

# What looks at other periods, or at their length, means something else over a year.
OF_PERIODS = frozenset({"days_in_period", "prev", "rolling", "ytd"})


class ToDateEvaluation(FormulaEvaluation):
    """Evaluates formulas on what their parts have come to since their year began."""

    def values_at(self, definition, scopes):
        if definition.computation == "formula":
            # Its own facts are those of periods, of which no total can be made.
            return self.evaluate(definition, scopes)[1]
        return super().values_at(definition, scopes)

    def _share_out(self, grain, definitions, reports, loaded):
        """Carry the facts on through each year before they are handed out."""
        year_index = self._year_index_of(self._fine_periods(grain))
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

    def _year_index_of(self, fine):
        years = self.calendar._periods("year", fine[0].start, fine[-1].start)
        return np.array(places_in(years, fine))

    def _over_time(self, definition, grain, kept):
        """Each longer period has what its last part has."""
        places = places_in(self.periods, self._fine_periods(grain))
        lasts = last_parts(places)
        result = Values.empty(len(kept.values), len(self.periods))
        result.values[:] = kept.values[:, lasts]
        result.weights[:] = kept.weights[:, lasts]
        return result


class KpiDefinition(models.Model):
    """Whether a formula can be told for a year so far."""

    _inherit = "kpi.definition"

    def _is_carried_to_date(self):
        """Whether the value of a year so far follows from those of its periods."""
        self.ensure_one()
        if self.computation != "formula":
            return self.aggregation_time in TO_DATE
        formula = formulas.parse(self.formula)
        if formula.functions & OF_PERIODS or formula.target_codes:
            return False
        return not formula.baseline_codes and all(
            part._is_carried_to_date() for part in self.component_ids
        )


class KpiReport(models.Model):
    """What formulas come to in a year so far."""

    _inherit = "kpi.report"

    def _evaluated_to_date(self, periods):
        """Report id → first day → value of the year up to and with each period.

        :param periods: of one grain and calendar, from a year's beginning on
        """
        if not self:
            return {}
        found = {}
        # Parts count whether or not the person who asks may see them.
        reports = self.sudo()
        definitions = reports.definition_id
        evaluation = ToDateEvaluation(
            reports.env, definitions.calendar_id, periods[0].grain, periods
        )
        parts = definitions._with_components()
        evaluation.preload(parts.filtered(lambda kpi: kpi.computation != "formula"))
        for definition, kpis in reports.grouped("definition_id").items():
            scopes = [(kpi.scope_type, kpi.scope_id, kpi.company_id.id) for kpi in kpis]
            try:
                result, _values = evaluation.evaluate(definition, scopes)
            except formulas.FormulaError:
                continue  # a part is archived: there is no value either
            for kpi, row in zip(kpis, result.values.tolist(), strict=True):
                found[kpi.id] = known_values(periods, row)
        return found
