"""Formulas over KPIs: read, checked, ordered, evaluated over arrays, explained.

``docs/formulas.md`` describes the language.
"""

from .errors import CycleError, FormulaError
from .evaluator import EvalContext, Result, evaluate, explain
from .formula import Formula, Node
from .functions import FUNCTIONS, Operation
from .graph import (
    Window,
    check_codes,
    check_cycles,
    cycle_through,
    cycles,
    dependency_order,
    window,
)
from .parser import RESERVED_NAMES, parse
from .reasons import Reason, Reasons
from .errors import Text, sentences
from .units import Unit, UnitWarning, check_units

__all__ = [
    "FUNCTIONS",
    "RESERVED_NAMES",
    "CycleError",
    "EvalContext",
    "Formula",
    "FormulaError",
    "Node",
    "Operation",
    "Reason",
    "Reasons",
    "Result",
    "Unit",
    "Text",
    "UnitWarning",
    "Window",
    "check_codes",
    "check_cycles",
    "cycle_through",
    "cycles",
    "check_units",
    "dependency_order",
    "evaluate",
    "explain",
    "parse",
    "sentences",
    "window",
]
