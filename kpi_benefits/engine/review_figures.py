"""Figures of a review, as they are frozen: exact texts, and one hash of all of them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal

DIGITS = 6
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
ANY_FLOAT = Context(prec=400)  # digits of 10³⁰⁸ with decimals
CODES = {  # what is said → what people call it, its unit
    "expected_value": ("Planned Value", "money"),
    "planned_to_date": ("Planned to Date", "money"),
    "realized_value": ("Realized Value", "money"),
    "realization_rate": ("Realization Rate", "percent"),
    "npv": ("Net Present Value", "money"),
    "bcr": ("Benefit-Cost Ratio", "number"),
    "payback_years": ("Payback", "years"),
    "irr": ("Internal Rate of Return", "percent"),
    "planned_cost": ("Planned Cost", "money"),
    "forecast_cost": ("Forecast Cost", "money"),
    "actual_cost": ("Actual Cost", "money"),
    "planned_go_live_date": ("Planned Go-Live", "day"),
    "go_live_date": ("Go-Live", "day"),
    "status": ("Status", "status"),
    "planned_date": ("Planned For", "day"),
    "actual_date": ("Passed On", "day"),
    "baseline_value": ("Baseline", "kpi"),
    "target_value": ("Target", "kpi"),
    "last_value": ("Last Value", "kpi"),
    "progress": ("Progress", "percent"),
}


@dataclass(frozen=True)
class Figure:
    """A number, day or word of an initiative.

    :ivar kind: what it is of: ``total``, ``cost``, ``type``, ``status``, ``benefit``,
        ``kpi`` or ``gate``
    :ivar subject: which one of these: a type, a status, the id of a benefit, baseline
        or gate
    :ivar name: what people call that, where it is a record
    :ivar code: what is said of it, one of ``CODES``
    :ivar value: None where there is none, or where it is a text
    :ivar text: a day, a status, why there is no number; of a value its period
    :ivar benefits: ids of those it was worked out from
    :ivar reports: ids of the KPIs it was worked out from
    :ivar initiatives: ids of those below the reviewed one whose costs are in it
    """

    kind: str
    subject: str
    name: str
    code: str
    value: float | None = None
    text: str = ""
    benefits: tuple[int, ...] = ()
    reports: tuple[int, ...] = ()
    initiatives: tuple[int, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it apart from the others of the initiative."""
        return self.kind, self.subject, self.code

    @property
    def exact(self) -> str:
        """As ``describe`` has it."""
        return describe(self.value, self.text)


def describe(value: float | None, text: str) -> str:
    """Its value as a decimal text, its text, or one behind the other."""
    number = "" if value is None else exact_text(value)
    return " ".join(filter(None, (number, text)))


def exact_text(value: float) -> str:
    """A number with six decimals, as PostgreSQL writes it: 1000 is “1000.000000”."""
    step = Decimal(1).scaleb(-DIGITS)
    rounded = Decimal(repr(float(value))).quantize(step, context=ANY_FLOAT)
    return f"{rounded if rounded else abs(rounded):.{DIGITS}f}"


def write_large(value: float, point: str = ".") -> str:
    """A number that nobody reads digit by digit: “1.5 × 10³⁰⁰”.

    :param point: decimal point of the reader
    """
    factor, exponent = f"{value:.2e}".split("e")
    factor = factor.rstrip("0").rstrip(".").replace(".", point)
    return f"{factor} × 10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def hash_figures(figures: Iterable[tuple[str, str, str, str]]) -> str:
    """SHA-256 of all figures, whatever their order.

    :param figures: kind, subject, code and exact text of each
    :return: hexadecimal; of lines ``kind|subject|code|text`` in the order of Unicode
    """
    lines = sorted("|".join(figure) for figure in figures)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
