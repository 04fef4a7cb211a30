"""Exactly additive decompositions: what moved a KPI, in parts that sum to the move.

- :mod:`sums`: sums and counts, by key
- :mod:`mix`: averages, ratios and shares, by rate and mix
- :mod:`inputs`: formulas, by direct input
- :mod:`formula_text`: the same of a formula as people write it
- :mod:`usual`: whether a move is more than the usual noise
"""

from .exact import close_parts
from .formula_text import list_inputs, split_by_inputs
from .inputs import MOST_INPUTS, InputSplit, split_formula
from .mix import MixSplit, split_average
from .sums import SumSplit, align_keys, split_sum
from .usual import Moves, measure_moves

__all__ = [
    "MOST_INPUTS",
    "InputSplit",
    "MixSplit",
    "Moves",
    "SumSplit",
    "align_keys",
    "close_parts",
    "list_inputs",
    "measure_moves",
    "split_average",
    "split_by_inputs",
    "split_formula",
    "split_sum",
]
