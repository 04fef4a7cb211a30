"""Shares and numbers as texts, rounded as screens round them."""

from odoo.tools.misc import formatLang

from .engine.number_text import round_half

NARROW_SPACE = "\u202f"


def format_percent(env, ratio, digits=1):
    """Write a share of 0 to 1 in the user's language: “12.5 %”, which never breaks."""
    number = format_number(env, 100 * float(ratio), digits)
    return f"{number}{NARROW_SPACE}%"


def format_number(env, number, digits):
    """Write a number with so many digits in the user's language."""
    return formatLang(env, round_half(float(number), digits), digits=digits)


def say_percent(env, ratio, digits=1):
    """Write a share for a sentence: a little is “less than 0.1 %”, not nothing."""
    if ratio > 0 and not round_half(100 * float(ratio), digits):
        least = 0.1 ** (digits + 2)
        return env._("less than %s", format_percent(env, least, digits))
    return format_percent(env, ratio, digits)
