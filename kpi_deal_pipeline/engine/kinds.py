"""What deals and commissions can be: keys and names, for fields and for programs."""

from typing import Any, Literal

ASSET_TYPES = [
    ("office", "Office"),
    ("retail", "Retail"),
    ("industrial", "Industrial"),
    ("residential", "Residential"),
    ("mixed_use", "Mixed Use"),
    ("hospitality", "Hospitality"),
    ("land", "Land"),
]
DEAL_ASSET_TYPES = [*ASSET_TYPES, ("portfolio", "Portfolio")]
DEAL_TYPES = [
    ("buy_side", "Buy Side"),
    ("sell_side", "Sell Side"),
    ("lease", "Lease"),
    ("management", "Management"),
    ("capital_raise", "Capital Raise"),
    ("other", "Other"),
]
# Demo data, and what shipped before, shows how benchmarks look: nothing counts it.
SAMPLE = "Sample, invented: replace it by your own"
PIPELINE_STAGES = [
    ("lead_captured", "Lead Captured"),
    ("qualification", "Qualification"),
    ("needs_analysis", "Needs Analysis"),
    ("proposal", "Proposal"),
    ("negotiation", "Negotiation"),
    ("agreement", "Agreement"),
    ("due_diligence", "Due Diligence"),
    ("awaiting_closure", "Awaiting Closure"),
    ("closed_won", "Won"),
    ("closed_lost", "Lost"),
]
COMMISSION_TYPES = [
    ("introducer", "Introducer"),
    ("exclusive", "Exclusive"),
    ("co_broke", "Co-broke"),
    ("referral", "Referral"),
    ("bonus", "Bonus"),
]
COMMISSION_STATUSES = [
    ("pending", "Pending"),
    ("confirmed", "Approved"),
    ("invoiced", "Invoiced"),
    ("paid", "Paid"),
    ("disputed", "Disputed"),
    ("written_off", "Written Off"),
]


def keys_of(kinds: list[tuple[str, str]]) -> Any:
    """The type of the keys, as pydantic takes it."""
    return Literal[tuple(key for key, _name in kinds)]
