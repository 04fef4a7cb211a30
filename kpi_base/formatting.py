"""Dates, numbers and percents for the reader of an environment.

Thin: it finds the reader's language, time zone and today; ``engine/formatting.py``
writes::

    format_day(env, order.date_order)     # Nov 6; 6. Nov.; another year: with it
    format_moment(env, record.write_date)
    format_percent(env, 0.125)            # 12.5%; 12,5%
"""

from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.tools.misc import formatLang, get_lang

from .engine import formatting
from .engine.number_text import round_half


def reader_table(env, code=None):
    """Table of the reader's language, or of the one with this code.

    Without words, whose translations come with :func:`reader_words`.
    """
    return _table_of(get_lang(env, code))


def _table_of(lang):
    return formatting.language_table(
        lang.code,
        decimal_point=lang.decimal_point,
        thousands_sep=lang.thousands_sep or "",
        grouping=lang.grouping,
        is_rtl=lang.direction == "rtl",
    )


def reader_words(env):
    """Words that stand beside numbers, in the reader's language."""
    return {
        "yes": env._("Yes"),
        "no": env._("No"),
        "point": env._("%s point"),
        "points": env._("%s points"),
        "minute": env._("min"),
        "hour": env._("h"),
        "day": env._("d"),
        "week": env._("W%(week)s %(year)s"),
    }


def full_table(env):
    """Table of the reader's language with its words, for many values of KPIs."""
    return {**reader_table(env), "words": reader_words(env)}


def read_unit(env, unit):
    """``Unit`` of a KPI, from what ``unit_description`` gives."""
    found = env["res.currency"].get_all_currencies().get(unit.get("currencyId"))
    return formatting.Unit(
        kind=unit["kind"],
        decimals=unit["decimals"] or 0,
        symbol=unit.get("symbol") or "",
        currency=formatting.Currency(found["symbol"], found["position"] == "before")
        if found
        else None,
        duration_unit=unit.get("durationUnit") or "day",
    )


def local_day(env, value):
    """Day or moment in the reader's time zone from what fields and JSON hold."""
    if isinstance(value, str):
        value = (
            fields.Date.to_date(value)
            if len(value) <= len("2026-01-01")
            else fields.Datetime.to_datetime(value[:19].replace("T", " "))
        )
    if isinstance(value, datetime) and not value.tzinfo:
        return fields.Datetime.context_timestamp(env["res.lang"], value)
    return value


def format_day(env, value, *, with_year=None, form="day"):
    """A day as the reader writes it: “Nov 6”, with its year if that is another.

    :param value: date, moment (UTC), or either as a text of the database
    :param with_year: whether it has its year whatever day it is, such as where the text
        is stored
    :param form: ``weekday`` also names the day of the week
    """
    if not value:
        return ""
    today = None if with_year else _today(env)
    return formatting.day(reader_table(env), local_day(env, value), today, form=form)


def _today(env):
    """Today where the reader is; cheaper than ``context_today``, for long lists."""
    zone = env.context.get("tz") or env.user.tz
    if not zone:
        return fields.Datetime.now().date()
    now = fields.Datetime.now()
    try:
        return now.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    except (KeyError, ValueError, OSError):  # an unknown zone
        return now.date()


def format_weekday(env, value):
    """The short name of a day of the week: “Fri”."""
    return reader_table(env)["weekdays"]["E"][local_day(env, value).weekday()]


def format_full_day(env, value):
    """A day with all its names: “Friday, November 6, 2026”."""
    return formatting.full_day(reader_table(env), local_day(env, value))


def format_moment(env, value, *, tz=None, with_year=None):
    """A moment (UTC) as the reader writes it: “Nov 6, 2:30 PM”.

    :param tz: name of the time zone, the reader's by default
    """
    if not value:
        return ""
    local = _local_moment(env, value, tz)
    today = None if with_year else _today(env)
    return formatting.moment(reader_table(env), local, today)


def format_clock(env, value, *, tz=None):
    """The time of a moment (UTC), or of one that has a time zone: “2:30 PM”."""
    if not value:
        return ""
    return formatting.clock(reader_table(env), _local_moment(env, value, tz))


def _local_moment(env, value, tz):
    if isinstance(value, str):
        value = fields.Datetime.to_datetime(value[:19].replace("T", " "))
    if not isinstance(value, datetime) or value.tzinfo:
        return value
    records = env["res.lang"].with_context(tz=tz) if tz else env["res.lang"]
    return fields.Datetime.context_timestamp(records, value)


def format_month(env, value, *, is_long=False):
    """A month: “Nov 2026”, or “November 2026”."""
    return formatting.month(reader_table(env), local_day(env, value), is_long=is_long)


def format_period(env, start, grain, stop=None, *, is_iso_week=True):
    """A period: “Nov 2026”, “Q4 2026”, “W45 2026”; see ``engine.formatting.period``."""
    table = reader_table(env)
    if grain == "week":
        table = {**table, "words": {"week": env._("W%(week)s %(year)s")}}
    return formatting.period(table, start, grain, stop, is_iso_week=is_iso_week)


def month_name(env, number):
    """The name of a month (1 to 12) that stands alone: “November”."""
    return formatting.month_name(reader_table(env), number)


def weekday_name(env, number):
    """The name of a day of the week (0 = Monday) that stands alone: “Friday”."""
    return formatting.weekday_name(reader_table(env), number)


def percent_writer(env):
    """Function that writes many shares for the reader: ratio, digits → text."""
    return partial(formatting.percent, reader_table(env))


def format_percent(env, ratio, digits=1):
    """A share of 0 to 1 as the reader writes it: “12%”, “12.5%”, in German “12,5%”."""
    return formatting.percent(reader_table(env), ratio, digits)


def format_amount_briefly(env, amount, currency):
    """An amount as the reader writes it, with cents only where there are some."""
    is_whole = currency.is_zero(amount - round(amount))
    unit = "units" if is_whole else "decimals"
    return formatLang(env, amount, currency_obj=currency, rounding_unit=unit)


def format_small_percent(env, ratio, digits=1):
    """A share for a sentence: a little is “less than 0.1%”, not nothing."""
    if ratio > 0 and not round_half(100 * float(ratio), digits):
        least = 0.1 ** (digits + 2)
        return env._("less than %s", format_percent(env, least, digits))
    return format_percent(env, ratio, digits)


def format_signed(env, difference, text):
    """The sign of a difference before its size, as one: “+12%”, “−5 points”, “±0”.

    :param text: the size, written already
    """
    return formatting.add_sign(reader_table(env), difference, text)


def format_number(env, number, digits):
    """A number with so many digits as the reader writes it."""
    return formatting.number(reader_table(env), number, digits)


def format_significant(env, number, digits):
    """A number with at most so many significant digits: 1.5, 140, 0.00123."""
    return formatting.significant(reader_table(env), number, digits)


def format_achievement(env, percent):
    """An achievement in percent, from 0% to “>999%”."""
    return formatting.achievement(reader_table(env), percent)


def format_percent_number(env, number, digits=1):
    """As ``format_percent`` of what is 0 to 100 already."""
    return format_percent(env, float(number) / 100, digits)


def number_writer(env, code=""):
    """Function that writes many numbers for the reader: number, digits → text."""
    lang = env["res.lang"]._get_data(code=code or env.lang or "en_US")
    return partial(formatting.number, _table_of(lang))
