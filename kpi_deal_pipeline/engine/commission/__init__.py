"""Commissions, computed exactly: no clock, no currency conversion, no database."""

from .clawback import (
    PeriodRefund,
    Refund,
    clawbacks,
    decay_factor,
    full_months,
    original_rate,
    override_clawbacks,
    true_up,
)
from .compute import Commission, Line, Part, Step, commissions, override
from .estimate import DRAWS, NextStep, Prospect, Range, estimate_range, find_next_step
from .money import ONE, ZERO, CommissionError, differences, round_amount
from .payout import Payout, draw, instalments
from .plan import Accelerator, Band, Plan, check_bands
