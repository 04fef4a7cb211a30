"""Shares and numbers as texts, rounded as screens round them."""

from odoo.tools.misc import get_lang

from .engine.number_text import NumberText, round_half

NARROW_SPACE = "\u202f"


def format_percent(env, ratio, digits=1):
    """Write a share of 0 to 1 in the user's language: “12.5 %”, which never breaks."""
    number = format_number(env, 100 * float(ratio), digits)
    return f"{number}{NARROW_SPACE}%"


def format_number(env, number, digits):
    """Write a number with so many digits in the user's language."""
    return number_writer(env, get_lang(env).code)(float(number), digits)


def format_significant(env, number, digits):
    """Write a number with at most so many significant digits: 1.5, 12, 140."""
    most = max(0, digits - len(f"{abs(number):.0f}".lstrip("0")))
    decimals = f"{round_half(float(number), most):.{most}f}".partition(".")[2]
    return format_number(env, number, len(decimals.rstrip("0")))


def number_writer(env, code=""):
    """Writes many numbers as a language does, the user's by default: number, digits →
    text."""
    code = code or env.lang or "en_US"
    signs = env["res.lang"]._get_data(code=code)
    separator = signs.thousands_sep or ""
    write = NumberText(signs.decimal_point, separator, signs.grouping)
    if write.is_usual:
        return write
    lang = env["res.lang"]._lang_get(code)
    return lambda number, digits: lang.format(
        f"%.{digits}f", round_half(number, digits), grouping=True
    )


def say_percent(env, ratio, digits=1):
    """Write a share for a sentence: a little is “less than 0.1 %”, not nothing."""
    if ratio > 0 and not round_half(100 * float(ratio), digits):
        least = 0.1 ** (digits + 2)
        return env._("less than %s", format_percent(env, least, digits))
    return format_percent(env, ratio, digits)
