"""Shares as texts."""

from odoo.tools import float_round
from odoo.tools.misc import formatLang

NARROW_SPACE = "\u202f"


def format_percent(env, ratio, digits=1):
    """Write a share of 0 to 1 in the user's language: “12.5 %”, which never breaks."""
    number = _round(ratio, digits)
    return f"{formatLang(env, number, digits=digits)}{NARROW_SPACE}%"


def say_percent(env, ratio, digits=1):
    """Write a share for a sentence: a little is “less than 0.1 %”, not nothing."""
    if ratio > 0 and not _round(ratio, digits):
        least = 0.1 ** (digits + 2)
        return env._("less than %s", format_percent(env, least, digits))
    return format_percent(env, ratio, digits)


def _round(ratio, digits):
    """Percent with so many digits, as ``formatLang`` rounds, but never −0."""
    rounded = float_round(
        100 * float(ratio), precision_digits=digits, rounding_method="HALF-EVEN"
    )
    return rounded + 0.0
