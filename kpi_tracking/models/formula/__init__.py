"""Evaluating formulas over other KPIs: in which order, when, from which values.

The language itself is ``engine/formula/``.
"""

from . import kpi_definition_formula
from . import formula_values
