"""Units of KPIs, and what a formula does to them.

A unit is worked out as powers of what it counts (EUR, hours, days, …) and a power of
a hundred: a percentage is a ratio times 100, stored as 0–100. A hundred that is
written in the formula may be meant either way, so it is compared with neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from .errors import Text, _lt
from .formula import Formula, Node

KINDS = ("number", "percent", "currency", "duration", "score", "boolean", "custom")
DURATION_NAMES = {
    "minute": _lt("a time in minutes"),
    "hour": _lt("a time in hours"),
    "day": _lt("a time in days"),
}
CODED_KINDS = frozenset({"currency", "duration", "custom"})


@dataclass(frozen=True)
class Unit:
    """Unit of a KPI: a kind and, for some, which one.

    ``code`` is the currency (``EUR``), the unit of time (``hour``), or the custom
    unit's name.
    """

    kind: str
    code: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unit kind must be one of {', '.join(KINDS)}")
        if (self.kind in CODED_KINDS) != bool(self.code):
            raise ValueError(f"a unit of kind {self.kind} has a code: {self.code!r}")


@dataclass(frozen=True)
class UnitWarning:
    """Something that a formula does with units and that is probably a mistake."""

    texts: Sequence[Text]
    column: int
    line: int = 1


@dataclass(frozen=True)
class Measure:
    """A unit worked out: powers by base, and a power of a hundred.

    ``is_any`` is a number written in the formula: it goes with everything.
    ``is_unknown`` (a KPI without unit, or what was warned about already) does so too,
    and so does all that it is multiplied with. ``is_scaled`` says that a written 100
    took part.
    """

    powers: frozenset[tuple[str, int]] = frozenset()
    hundreds: int = 0
    is_any: bool = False
    is_scaled: bool = False
    is_unknown: bool = False

    def matches(self, other: Measure) -> bool:
        """Return whether the two may be added or compared."""
        if self.is_any or other.is_any:
            return True
        scale = self.hundreds == other.hundreds or self.is_scaled or other.is_scaled
        return self.powers == other.powers and scale

    def times(self, other: Measure, sign: int = 1) -> Measure:
        """Unit of the product, or with ``sign=-1`` of the quotient."""
        if self.is_unknown or other.is_unknown:
            return UNKNOWN
        powers = dict(self.powers)
        for base, power in other.powers:
            powers[base] = powers.get(base, 0) + sign * power
        return Measure(
            frozenset(item for item in powers.items() if item[1]),
            self.hundreds + sign * other.hundreds,
            self.is_any and other.is_any,
            self.is_scaled or other.is_scaled,
        )

    def per_period(self) -> Measure:
        """Without "per day" and the like: a rate is shown in what it counts."""
        powers = (
            i for i in self.powers if not (i[0].startswith("duration:") and i[1] < 0)
        )
        return replace(self, powers=frozenset(powers))

    @property
    def name(self) -> Text:
        """Name of the quantity, as part of a sentence."""
        if not self.is_any and self.powers:
            above = [_power_name(*item) for item in sorted(self.powers) if item[1] > 0]
            below = [_power_name(*item) for item in sorted(self.powers) if item[1] < 0]
            product = reduce(
                lambda a, b: _lt("%(a)s times %(b)s", a=a, b=b),
                above or [_lt("a number")],
            )
            name = reduce(lambda a, b: _lt("%(a)s per %(b)s", a=a, b=b), below, product)
            return (
                _lt("%(unit)s times a percentage", unit=name)
                if self.hundreds > 0
                else name
            )
        if self.is_any or not self.hundreds:
            return _lt("a number")
        if self.hundreds == 1:
            return _lt("a percentage")
        return _lt("a percentage of percentages")


ANY = Measure(is_any=True)
UNKNOWN = Measure(is_any=True, is_unknown=True)
NUMBER = Measure()
WRITTEN_HUNDRED = Measure(hundreds=1, is_scaled=True)


def check_units(
    formula: Formula, units: Mapping[str, Unit], result: Unit
) -> list[UnitWarning]:
    """Find uses of units in a formula that are probably mistakes.

    :param units: units of the KPIs by code; a code that is not there goes with all
    :param result: unit that the formula's KPI is declared to have
    :return: warnings in reading order, none if the units agree
    """
    check = _Check(formula, units)
    check.run()
    check.check_result(result)
    return sorted(check.warnings, key=lambda warning: (warning.line, warning.column))


def measure_of(unit: Unit) -> Measure:
    """A KPI's unit, worked out."""
    if unit.kind == "percent":
        return Measure(hundreds=1)
    if unit.kind in CODED_KINDS:
        return Measure(frozenset({(f"{unit.kind}:{unit.code}", 1)}))
    if unit.kind == "score":
        return Measure(frozenset({("score:points", 1)}))
    return NUMBER


def _power_name(base: str, power: int) -> Text:
    kind, code = base.split(":", 1)
    name = {
        "currency": _lt("an amount in %(currency)s", currency=code),
        "duration": DURATION_NAMES.get(code),
        "score": _lt("a score"),
    }.get(kind) or Text(code)
    if abs(power) == 1:
        return name
    return _lt("%(unit)s to the power %(power)s", unit=name, power=abs(power))


class _Check:
    """Works out the unit of every step; the rules are methods ``_rule_<name>``."""

    def __init__(self, formula: Formula, units: Mapping[str, Unit]) -> None:
        self.formula = formula
        self.units = units
        self.measures: list[Measure] = []
        self.warnings: list[UnitWarning] = []

    def run(self) -> None:
        for node in self.formula.nodes:
            operands = [self.measures[index] for index in node.operands]
            if node.name in FIXED:
                measure = FIXED[node.name]
            elif node.name in RULES:
                measure = RULES[node.name](self, node, operands)
            elif node.name in COMPARISONS:
                text = _lt("Units differ: this compares %(one)s and %(other)s.")
                self._same(node, operands, text)
                measure = NUMBER
            elif node.name in COMBINING:
                text = _lt("Units differ: this combines %(one)s and %(other)s.")
                measure = self._same(node, operands, text)
            else:
                measure = operands[0]
            self.measures.append(measure)

    def check_result(self, result: Unit) -> None:
        found = self.measures[-1].per_period()
        if found.is_any:
            return
        expected = measure_of(result)
        is_free = result.kind in ("score", "custom") and not found.powers
        if is_free or found.matches(expected):
            return
        hints = []
        if result.kind == "percent" and found == NUMBER:
            hints = [_lt("Percentages are stored as 0 to 100. Multiply by 100.")]
        elif found.powers == expected.powers:
            hints = [
                _lt(
                    "Percentages are stored as 0 to 100. Divide by 100 before "
                    "multiplying."
                )
            ]
        text = _lt(
            "The formula returns %(found)s, but the KPI's unit is %(expected)s.",
            found=found.name,
            expected=expected.name,
        )
        self._warn(self.formula.nodes[-1], text, *hints)

    def _warn(self, node: Node, *texts: Text) -> None:
        self.warnings.append(UnitWarning(texts, **self.formula.locate_node(node)))

    def _operand(self, node: Node, position: int) -> Node:
        return self.formula.nodes[node.operands[position]]

    def _same(self, node: Node, operands: Sequence[Measure], text: Text) -> Measure:
        """The unit that operands share; a warning at the first that differs.

        :param text: template of the warning, with placeholders for both units
        """
        known = [measure for measure in operands if not measure.is_any]
        for position, measure in enumerate(operands):
            if not measure.matches(known[0] if known else ANY):
                units = {"one": known[0].name, "other": measure.name}
                self._warn(
                    self._operand(node, position),
                    replace(text, parameters=units),
                    *_difference_hints(known[0], measure),
                )
                return UNKNOWN
        if not known:
            return UNKNOWN if UNKNOWN in operands else ANY
        return next((m for m in known if not m.is_scaled), known[0])

    def _rule_code(self, node: Node, operands: list[Measure]) -> Measure:
        unit = self.units.get(node.value)
        return UNKNOWN if unit is None else measure_of(unit)

    def _rule_sum(self, node: Node, operands: list[Measure]) -> Measure:
        sides = [self._operand(node, position) for position in (0, 1)]
        for side, other in zip(sides, reversed(operands), strict=True):
            is_one = side.name == "constant" and side.value == 1
            if is_one and other == Measure(hundreds=1):
                self._warn(
                    side,
                    _lt(
                        "Percentages are stored as 0 to 100. Write 100, or divide "
                        "the percentage by 100."
                    ),
                )
                return UNKNOWN
        return self._same(
            node,
            operands,
            _lt("Units differ: this adds or subtracts %(one)s and %(other)s."),
        )

    def _rule_if(self, node: Node, operands: list[Measure]) -> Measure:
        branches = replace(node, operands=node.operands[1:])
        return self._same(
            branches,
            operands[1:],
            _lt("Units differ: this returns either %(one)s or %(other)s."),
        )

    def _rule_times(self, node: Node, operands: list[Measure]) -> Measure:
        written = [self.formula.nodes[index] for index in node.operands]
        left, right = (
            WRITTEN_HUNDRED
            if (operand.name, operand.value) == ("constant", 100)
            else measure
            for operand, measure in zip(written, operands, strict=True)
        )
        return left.times(right, 1 if node.name == "*" else -1)

    def _rule_power(self, node: Node, operands: list[Measure]) -> Measure:
        base = operands[0]
        exponent = self._operand(node, 1)
        if base.is_any or not (base.powers or base.hundreds):
            return base
        if exponent.name != "constant" or not float(exponent.value).is_integer():
            self._warn(
                self._operand(node, 1),
                _lt(
                    "The exponent of %(unit)s must be a fixed whole number.",
                    unit=base.name,
                ),
            )
            return UNKNOWN
        steps = int(exponent.value)
        factors = [base] * abs(steps)
        return reduce(lambda a, b: a.times(b, 1 if steps > 0 else -1), factors, NUMBER)

    def _rule_ytd(self, node: Node, operands: list[Measure]) -> Measure:
        (measure,) = operands
        if measure == Measure(hundreds=1):
            self._warn(
                node,
                _lt(
                    "Do not add percentages over the year. Use 100 * ytd(part) / "
                    "ytd(total)."
                ),
            )
        return measure


def _difference_hints(left: Measure, right: Measure) -> list[Text]:
    kinds = [{base.split(":")[0] for base, _power in m.powers} for m in (left, right)]
    if kinds == [{"currency"}, {"currency"}]:
        return [_lt("Convert one of the currencies first.")]
    if left.powers == right.powers:
        return [
            _lt("Percentages are stored as 0 to 100. Multiply the other value by 100.")
        ]
    return []


FIXED = {
    "constant": ANY,
    "days_in_period": measure_of(Unit("duration", "day")),
    **dict.fromkeys(("and", "or", "not", "as_number", "as_logical"), NUMBER),
}
Rule = Callable[[_Check, Node, "list[Measure]"], Measure]
RULES: dict[str, Rule] = {
    "code": _Check._rule_code,
    "target": _Check._rule_code,
    "baseline": _Check._rule_code,
    "+": _Check._rule_sum,
    "-": _Check._rule_sum,
    "*": _Check._rule_times,
    "/": _Check._rule_times,
    "//": _Check._rule_times,
    "**": _Check._rule_power,
    "if_": _Check._rule_if,
    "ytd": _Check._rule_ytd,
}
COMBINING = ("coalesce", "min", "max", "sum", "avg")
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
