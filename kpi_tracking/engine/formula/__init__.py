"""Formulas over KPIs: read, checked, ordered, evaluated over arrays, explained.

``docs/formulas.md`` describes the language.
"""

from .additivity import is_additive, is_comparable_so_far
from .errors import CycleError, FormulaError, Text, sentences
from .evaluator import EvalContext, evaluate, explain
from .formula import Formula, Node
from .graph import (
    Window,
    check_codes,
    check_cycles,
    cycle_through,
    cycles,
    dependency_order,
    find_first_day,
    window,
)
from .parser import RESERVED_NAMES, parse
from .units import Unit, check_units
