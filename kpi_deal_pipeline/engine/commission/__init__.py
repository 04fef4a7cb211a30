"""Commissions, computed exactly: no clock, no currency conversion, no database."""

from .clawback import Refund, clawbacks, decay_factor, true_up
from .compute import Commission, Line, Part, Step, commissions, override
from .money import CommissionError, apportion, differences, rounded
from .payout import Payout, draw, instalments
from .plan import Accelerator, Band, Plan, check_bands
