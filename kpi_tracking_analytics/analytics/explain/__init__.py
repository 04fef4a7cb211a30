"""Exactly additive decompositions: what moved a KPI, in parts that sum to the move.

- :mod:`exact`: parts that sum to a change
- :mod:`mix`: averages, ratios and shares, by rate and mix
- :mod:`inputs`: formulas, by direct input
- :mod:`formula_text`: the same of a formula as people write it
"""

from .exact import close_parts
from .formula_text import list_inputs, split_by_inputs
from .inputs import MOST_INPUTS, InputSplit, split_formula
from .mix import MixSplit, split_average
