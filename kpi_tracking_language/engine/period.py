"""Days and periods that a question names."""

import datetime as dt
import re
from collections.abc import Callable

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.engine.periods import CalendarSpec

from .intent import Span
from .pieces import Pieces

FIRST_YEAR, LAST_YEAR = 1990, 2100
NEAR_YEARS = 10  # in which “25” is 2025
DAY = dt.timedelta(days=1)
MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12}
NOT_YEARS = {"%", "EUR", "USD", "GBP", "points", "turns", "count"}

Found = tuple[Span, int]  # a period and the place after it


class NoSuchDayError(ValueError):
    """A day that there is not, such as 31 February."""


class PeriodReader:
    """Reads the periods of a question, each from the place where it begins.

    :param is_ahead: “in June” is the next one, as forecasts mean it
    :param has_ranges: “January to March” is one period, not two that are compared
    """

    def __init__(
        self,
        pieces: Pieces,
        today: dt.date,
        spec: CalendarSpec,
        *,
        day_first: bool = False,
        is_ahead: bool = False,
        has_ranges: bool = True,
    ) -> None:
        self.pieces = pieces
        self.today = today
        self.spec = spec
        self.day_first = day_first
        self.is_ahead = is_ahead
        self.has_ranges = has_ranges
        self.base: Span | None = None  # what “the same month” is the same as

    def read_at(self, place: int) -> Found | None:
        """The period that begins at ``place``: a range, “since …” or a single one.

        :raises NoSuchDayError: a day that there is not
        """
        try:
            return (
                self._since(place)
                or self._until(place)
                or self._range(place)
                or self._single(place)
            )
        except (ValueError, OverflowError, periods.PeriodError) as error:
            raise NoSuchDayError(str(error)) from error

    def shift(self, span: Span, grain: str, back: int = 1) -> Span:
        """``span`` so many months, quarters or years earlier."""
        months = MONTHS_OF.get(grain)
        if months is None:
            days = {"day": 1, "week": 7}[grain] * back * DAY
            return Span(span.first - days, span.last - days, span.grain)
        first = _move(span.first, -months * back)
        last = _move(span.last + DAY, -months * back) - DAY
        return Span(first, last, span.grain)

    def relative(self, grain: str, back: int) -> Span:
        """The period ``back`` before the one of today; negative: after."""
        if grain == "half":
            start = _move(self.today.replace(day=1), -((self.today.month - 1) % 6))
            return _months(_move(start, -6 * back), 6, "half")
        return find_relative(self.spec, self.today, grain, back)

    # each of these reads one way of saying it

    def _since(self, place: int) -> Found | None:
        """“since May”, “since the beginning of May”."""
        pieces = self.pieces
        if not pieces.has(place, "since"):
            return None
        at = pieces.skip(place + 1, "start")
        at = pieces.after(at) if pieces.has(at, "start") else pieces.after(place)
        found = self._single(at)
        if not found or found[0].first > self.today:
            return None
        return Span(found[0].first, self.today), found[1]

    def _until(self, place: int) -> Found | None:
        """“through June”: from now on, as what is over would need a beginning."""
        if not self.has_ranges or not self.pieces.has(place, "until"):
            return None
        found = self._single(self.pieces.after(place))
        if not found or found[0].last <= self.today:
            return None
        return Span(self.today + DAY, found[0].last), found[1]

    def _range(self, place: int) -> Found | None:
        """“from … to …”, “between … and …”, “1 to 15 February”."""
        pieces = self.pieces
        is_between = pieces.has(place, "between")
        is_led = is_between or pieces.has(place, "from")
        begin = pieces.after(place) if is_led else place
        first = self._day_of_next_month(begin) or self._single(begin)
        if not first or not self.has_ranges:
            return None
        wanted = ("to", "and") if is_between else ("to",)
        link = pieces.skip(first[1], *wanted)
        if not pieces.has(link, *wanted):
            return None
        last = self._single(pieces.after(link))
        if not last:
            return None
        start, end = first[0].first, last[0].last
        names = range(begin, first[1])
        has_year = any(self._year_at(at) or pieces.value(at, "rel") for at in names)
        if not has_year and any(pieces.has(at, "month") for at in names):
            # in “October to December 2026” the year is that of both
            start = start.replace(year=end.year)
            start = start.replace(year=end.year - (start > end))
        return None if end < start else (Span(start, end), last[1])

    def _day_of_next_month(self, place: int) -> Found | None:
        """“1” in “1 to 15 February 2026”."""
        pieces = self.pieces
        day = pieces.number(place) or pieces.value(place, "ord")
        if not day:
            return None
        stop = place + 1
        link = pieces.skip(stop, "to", "and")
        if not pieces.has(link, "to", "and"):
            return None
        last = self._single(pieces.after(link))
        if not last or last[0].grain != "day":
            return None
        first = last[0].first.replace(day=int(float(day)))
        return Span(first, first, "day"), stop

    def _single(self, place: int) -> Found | None:
        for read in self._readers:
            found = read(self, place)
            if found:
                return found
        return None

    def _token(self, place: int) -> Found | None:
        """Dates and such that are one token."""
        token = self.pieces.token(place)
        kind, text = token.kind, token.text
        if kind == "isoday":
            year, month, day = map(int, text.split("-"))
            return _one_day(dt.date(year, month, day)), place + 1
        if kind == "isomonth":
            year, month = map(int, text.split("-"))
            return _months(dt.date(year, month, 1), 1, "month"), place + 1
        if kind == "isoweek":
            year, week = map(int, text.split("-w"))
            return _week(year, week), place + 1
        if kind == "yearquarter":
            return _part_of_year(int(text[:4]), int(text[-1]), "quarter"), place + 1
        if kind == "day":
            return self._written_day(text), place + 1
        return None

    def _written_day(self, text: str) -> Span:
        """“03/04/2026” by the user's order; with dots days come first."""
        parts = [int(part) for part in re.split(r"[./-]", text) if part]
        year = parts[2] if len(parts) > 2 else self.today.year
        year += 2000 if year < 100 else 0
        is_day_first = self.day_first or "." in text
        day, month = parts[:2] if is_day_first else (parts[1], parts[0])
        return _one_day(dt.date(year, month, day))

    def _named_day(self, place: int) -> Found | None:
        day = self.pieces.value(place, "day")
        if day is None:
            return None
        return _one_day(self.today + int(day) * DAY), place + 1

    def _to_date(self, place: int) -> Found | None:
        grain = self.pieces.value(place, "todate")
        if not grain:
            return None
        return Span(self.relative(grain, 0).first, self.today), place + 1

    def _previous_word(self, place: int) -> Found | None:
        """One word such as “Vormonat”, “Jahresende”."""
        pieces = self.pieces
        if grain := pieces.value(place, "previous"):
            return self.relative(grain, 1), place + 1
        if grain := pieces.value(place, "end_of"):
            return self.relative(grain, 0), place + 1
        if pieces.has(place, "same_previous_year"):
            base = self.base or self.relative("month", 0)
            return self.shift(base, "year"), place + 1
        return None

    def _day_and_month(self, place: int) -> Found | None:
        """“1 January 2026”, “January 1st, 2026”, “1 de enero de 2026”."""
        pieces = self.pieces
        day = pieces.number(place) or pieces.value(place, "ord")
        if day:
            month_at = pieces.skip(pieces.ordinal_end(place), "month")
            month = pieces.value(month_at, "month")
        else:
            month_at = place
            month = pieces.value(place, "month")
            place = pieces.skip(place + 1, "number")
            day = month and pieces.number(place)
            day = day or (month and pieces.value(place, "ord"))
            place = pieces.ordinal_end(place) - 1
        if not month or not day or not 1 <= float(day) <= 31 or float(day) % 1:
            return None
        year, stop = self._year_after(max(place, month_at) + 1)
        year = year or self._year_of(int(month), int(float(day)))
        return _one_day(dt.date(year, int(month), int(float(day)))), stop

    def _month(self, place: int) -> Found | None:
        """“January”, “January 2026”, “last January”."""
        pieces = self.pieces
        rel = pieces.value(place, "rel")
        at = pieces.after(place) if rel in ("last", "this", "next") else place
        month = pieces.value(at, "month")
        if not month:
            return None
        year, stop = self._year_after(at + 1)
        if not year and pieces.value(stop, "rel") in ("last", "next"):
            rel, stop = pieces.value(stop, "rel"), stop + 1
        if not year:
            year = self._year_of(int(month), is_ahead=rel == "next")
        if year == self.today.year and rel == "last" and int(month) == self.today.month:
            year -= 1
        return _months(dt.date(year, int(month), 1), 1, "month"), stop

    def _year_of(self, month: int, day: int = 1, *, is_ahead: bool = False) -> int:
        """The year of a month without one: the latest that has begun, or the next."""
        year = self.today.year
        if is_ahead or self.is_ahead:
            return year + (month < self.today.month)
        return year - ((month, day) > (self.today.month, self.today.day))

    def _year_after(self, place: int) -> tuple[int | None, int]:
        """A year at ``place``, or none, and the place after it."""
        at = self.pieces.skip(place, "number", "rel", "unit", "since")
        year = self._year_at(at)
        if year:
            return year, at + 1
        if self.pieces.value(at, "rel") or self.pieces.value(at, "unit") == "year":
            found = self._relative(at)
            if found and found[0].grain == "year":
                return found[0].first.year, found[1]
        return None, place

    def _year_at(self, place: int) -> int | None:
        pieces = self.pieces
        text = pieces.token(place).text
        if not pieces.is_free(place) or not re.fullmatch(r"\d{4}", text):
            return None
        if pieces.value(place + 1, "measure") in NOT_YEARS:
            return None
        if pieces.token(place + 1).is_glued and pieces.has(place + 1, "scale"):
            return None
        return int(text) if FIRST_YEAR <= int(text) <= LAST_YEAR else None

    def _year(self, place: int) -> Found | None:
        """“2025”, “fiscal year 2025”, “FY25”."""
        token = self.pieces.token(place)
        if short := re.fullmatch(r"fy(\d{2}|\d{4})", token.text):
            year = int(short[1]) + (2000 if len(short[1]) == 2 else 0)
            return _months(dt.date(year, 1, 1), 12, "year"), place + 1
        if self.pieces.value(place, "unit") == "year":
            place = self.pieces.skip(place + 1, "number")
        year = self._year_at(place)
        return year and (_months(dt.date(year, 1, 1), 12, "year"), place + 1)

    def _part(self, place: int) -> Found | None:
        """“Q1 2025”, “2025 Q1”, “Q1 25”, “first half of 2025”, “quarter 3”."""
        pieces = self.pieces
        year = self._year_at(place)
        at = pieces.after(place) if year else place
        grain, number, stop = self._part_name(at)
        if not grain:
            return None
        if not year:
            year, stop = self._year_after(stop)
        if not year and not pieces.has(stop + 1, "measure", "unit", "scale"):
            short = re.fullmatch(r"\d{2}", pieces.token(stop).text)
            if short and abs(2000 + int(short[0]) - self.today.year) <= NEAR_YEARS:
                year, stop = 2000 + int(short[0]), stop + 1
        if not year:
            months = MONTHS_OF[grain]
            year = self._year_of((number - 1) * months + 1)
        return _part_of_year(year, number, grain), stop

    def _part_name(self, place: int) -> tuple[str, int, int]:
        pieces = self.pieces
        text = pieces.token(place).text if pieces.is_free(place) else ""
        if short := re.fullmatch(r"[qt]([1-4])", text):
            return "quarter", int(short[1]), place + 1
        if short := re.fullmatch(r"[hs]([12])", text):
            return "half", int(short[1]), place + 1
        if pieces.value(place, "unit") == "quarter" and pieces.number(place + 1):
            number = int(pieces.number(place + 1))
            return ("quarter", number, place + 2) if 1 <= number <= 4 else ("", 0, 0)
        number = pieces.value(place, "ord") or pieces.number(place)
        if number:
            at = pieces.skip(pieces.ordinal_end(place), "unit")
            grain = pieces.value(at, "unit")
            most = {"quarter": 4, "half": 2}.get(grain or "", 0)
            if 1 <= float(number) <= most:
                return grain, int(float(number)), self._after_half(grain, at + 1)
        return "", 0, 0

    def _after_half(self, grain: str, place: int) -> int:
        """“half of the year”: the noun says nothing more."""
        pieces = self.pieces
        at = pieces.skip(place, "unit", "rel")
        is_year = pieces.value(at, "unit") == "year" and not pieces.value(at + 1, "rel")
        return at + 1 if grain == "half" and is_year else place

    def _week(self, place: int) -> Found | None:
        """“week 7”, “the week of March 9”."""
        if self.pieces.value(place, "unit") != "week":
            return None
        number = self.pieces.number(place + 1)
        at = self.pieces.after(place)
        day = self._day_and_month(at) or self._token(at)
        if day and day[0].grain == "day" and at > place + 1:
            return find_relative(self.spec, day[0].first, "week", 0), day[1]
        if not number or not 1 <= number <= 53:
            return None
        year, stop = self._year_after(place + 2)
        if not year:
            year = self.today.year
            if dt.date.fromisocalendar(year, int(number), 1) > self.today:
                year -= not self.is_ahead
        return _week(year, int(number)), stop

    def _same(self, place: int) -> Found | None:
        """“the same month last year”, “this time last year”."""
        pieces = self.pieces
        rel = pieces.value(place, "rel")
        if rel not in ("same", "thistime"):
            return None
        at, grain = pieces.after(place), "period"
        if rel == "same":
            grain = pieces.value(at, "unit") or ""
            at = pieces.skip(at + 1, "rel", "unit", "previous", "from")
        earlier = self._relative(at) or self._previous_word(at)
        if not grain or not earlier or not earlier[0].grain:
            return None
        back = earlier[0].back or 1
        base = self.base
        if not base or (grain != "period" and base.grain not in ("", grain)):
            kept = "month" if grain == "period" else grain
            base = self.relative("day" if kept == "day" else kept, 0)
        return self.shift(base, earlier[0].grain, back), earlier[1]

    def _relative(self, place: int) -> Found | None:
        """“last month”, “mois dernier”, “last 7 days”, “les 3 derniers mois”."""
        pieces = self.pieces
        count = pieces.number(place)
        rel = pieces.value(place, "rel")
        unit = pieces.value(place, "unit")
        if count:
            return self._counted(place, count)
        if rel:
            return self._unit_after(place, rel)
        if unit:
            at = place + 1
            rel = pieces.value(at, "rel")
            # in “per week this quarter” it belongs to the quarter
            is_own = not pieces.value(pieces.after(at), "unit")
            if is_own and rel in ("last", "previous", "next", "beforelast", "this"):
                return self._one(unit, rel, at + 1)
        return None

    def _counted(self, place: int, count: float) -> Found | None:
        """“3 derniers mois”, “3 meses pasados”."""
        pieces = self.pieces
        at = pieces.skip(place + 1, "rel")
        if rel := pieces.value(at, "rel"):
            unit_at = pieces.skip(at + 1, "unit")
            return self._several(count, pieces.value(unit_at, "unit"), rel, unit_at + 1)
        unit = pieces.value(place + 1, "unit")
        at = pieces.skip(place + 2, "rel")
        rel = unit and pieces.value(at, "rel")
        return self._several(count, unit, rel, at + 1) if rel else None

    def _unit_after(self, place: int, rel: str) -> Found | None:
        pieces = self.pieces
        at = pieces.skip(place + 1, "unit", "number", "weekday", "rel")
        if count := pieces.number(at):
            unit_at = pieces.skip(at + 1, "unit")
            unit = pieces.value(unit_at, "unit")
            return self._several(count, unit, rel, unit_at + 1)
        if weekday := pieces.value(at, "weekday"):
            return self._find_weekday(weekday, rel), at + 1
        unit = pieces.value(at, "unit")
        end = at + 1
        if unit and pieces.value(end, "rel") in ("beforelast", "last", "next"):
            return self._one(unit, pieces.value(end, "rel") or "", end + 1)
        return self._one(unit, rel, at + 1) if unit else None

    def _one(self, unit: str, rel: str, stop: int) -> Found | None:
        back = {"last": 1, "previous": 1, "this": 0, "next": -1, "beforelast": 2}
        if unit in ("minute", "hour", "period") or rel not in back:
            return None
        return self.relative(unit, back[rel]), stop

    def _several(
        self, count: float, unit: str | None, rel: str | None, stop: int
    ) -> Found | None:
        """So many days up to today, or so many whole weeks, months, … before it."""
        if not unit or count != int(count) or not 1 <= count <= 1000:
            return None
        number = int(count)
        if unit == "hour":
            return Span(self.today - -(-number // 24) * DAY, self.today), stop
        if unit in ("minute", "period"):
            return None
        if rel == "next":
            first = self.relative(unit, -1).first
            return Span(first, self.relative(unit, -number).last), stop
        if rel not in ("last", "previous"):
            return None
        if unit == "day":
            return Span(self.today - (number - 1) * DAY, self.today), stop
        first = self.relative(unit, number).first
        return Span(first, self.relative(unit, 1).last), stop

    def _ago(self, place: int) -> Found | None:
        """“3 months ago”, “vor 3 Monaten”."""
        pieces = self.pieces
        at = pieces.after(place) if pieces.has(place, "ago") else place
        count, unit = pieces.number(at), pieces.value(at + 1, "unit")
        is_ago = at != place or pieces.has(at + 2, "ago")
        if not is_ago or not count or unit in (None, "hour", "minute", "period"):
            return None
        return self.relative(unit, int(count)), at + (2 if at != place else 3)

    def _end(self, place: int) -> Found | None:
        """“by the end of the year” is the year, and that of June is June; “the rest of
        the year” is what is left of it."""
        pieces = self.pieces
        if not pieces.has(place, "end", "rest"):
            return None
        self.is_ahead |= pieces.value(place, "end") == "ahead"
        at = pieces.skip(place + 1, "unit", "rel", "month")
        unit = pieces.value(at, "unit")
        if unit in ("week", "month", "quarter", "year"):
            found: Found | None = (self.relative(unit, 0), at + 1)
        else:
            readers = (self._relative, self._month, self._part, self._year)
            found = next(filter(None, (read(at) for read in readers)), None)
        if not found or not pieces.has(place, "rest"):
            return found
        span, stop = found
        if span.last <= self.today:
            return None
        return Span(max(span.first, self.today + DAY), span.last), stop

    def _weekend(self, place: int) -> Found | None:
        """“last weekend”; without more it is the latest that has begun."""
        pieces = self.pieces
        rel = pieces.value(place, "rel")
        at = pieces.after(place) if rel else place
        if not pieces.has(at, "weekend"):
            return None
        stop = at + 1
        if not rel and (rel := pieces.value(stop, "rel")):
            stop += 1
        saturday = self.today + (6 - self.today.isoweekday()) * DAY
        latest = int(saturday > self.today)
        back = {None: latest, "last": 1, "previous": 1, "this": 0, "next": -1}
        if rel not in back:
            return None
        saturday -= 7 * back[rel] * DAY
        return Span(saturday, saturday + DAY), stop

    def _weekday(self, place: int) -> Found | None:
        weekday = self.pieces.value(place, "weekday")
        if not weekday:
            return None
        at = self.pieces.skip(place + 1, "rel")
        if self.pieces.value(at, "rel") == "last":
            return self._find_weekday(weekday, "last"), at + 1
        return self._find_weekday(weekday), place + 1

    def _find_weekday(self, weekday: str, rel: str = "") -> Span:
        """The latest one, today's included unless it is “last”; or the next."""
        back = (self.today.isoweekday() - int(weekday)) % 7
        back = back or (7 if rel in ("last", "previous") else 0)
        return _one_day(self.today - (back - 7 * (rel == "next")) * DAY)

    _readers: tuple[Callable[["PeriodReader", int], Found | None], ...] = (
        _to_date,
        _token,
        _named_day,
        _previous_word,
        _same,
        _ago,
        _part,
        _day_and_month,
        _month,
        _week,
        _relative,
        _end,
        _weekend,
        _weekday,
        _year,
    )


def find_relative(spec: CalendarSpec, today: dt.date, grain: str, back: int) -> Span:
    """The period ``back`` before the one of ``today``; negative: after."""
    current = periods.period_of(spec, grain, today)
    found = periods.previous(spec, current, back)
    return Span(found.start, found.stop - DAY, grain, back)


def _one_day(day: dt.date) -> Span:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{day} is no day that values are about")
    return Span(day, day, "day")


def _months(first: dt.date, count: int, grain: str) -> Span:
    return Span(first, _move(first, count) - DAY, grain)


def _part_of_year(year: int, number: int, grain: str) -> Span:
    months = MONTHS_OF[grain]
    return _months(dt.date(year, (number - 1) * months + 1, 1), months, grain)


def _week(year: int, week: int) -> Span:
    first = dt.date.fromisocalendar(year, week, 1)
    return Span(first, first + 6 * DAY, "week")


def _move(day: dt.date, months: int) -> dt.date:
    """The same day of another month; its last one where it is shorter."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(dt.date(year, month + 1, 1) + (day.day - 1) * DAY, following - DAY)
