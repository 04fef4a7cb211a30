"""Shares as texts."""

from odoo.tools.misc import formatLang

NARROW_SPACE = "\u202f"


def format_percent(env, ratio, digits=1):
    """Write a share of 0 to 1 in the user's language: “12.5 %”, which never breaks."""
    return f"{formatLang(env, 100 * ratio, digits=digits)}{NARROW_SPACE}%"
