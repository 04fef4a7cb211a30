"""System query options: what a request asks for."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .conditions import ALL, Condition, read_filter
from .entities import EntitySet
from .fault import ODataFault

MOST = 2**31 - 1
INSTEAD = {
    "$apply": "Sums over ratios would be wrong numbers: read the set Summaries, which "
    "rolls KPIs up as they declare.",
    "$search": "Use $filter=contains(name,'…').",
    "$compute": "Compute it from the columns there are.",
}
KEY_PART = re.compile(r"(?:(\w+)=)?('(?:[^']|'')*'|[\w.:+-]+)")
KNOWN = {
    "$filter", "$select", "$orderby", "$top", "$skip", "$count", "$format",
    "$skiptoken", "$deltatoken", "$expand",
}  # fmt: skip


EXPANDED = re.compile(r"\s*(\w+)\s*(?:\(\s*(\$\w+)=([^()]*)\))?\s*(?:,(?!$)|$)")


@dataclass(frozen=True)
class Expanded:
    """The row of another set that a row names, to be shown inside.

    :param column: that has its id
    :param select: columns to show of it
    """

    name: str
    column: str
    of: EntitySet
    select: tuple[str, ...]


@dataclass(frozen=True)
class Options:
    """What a request asks for.

    :param select: columns to show, in the order of the set
    :param order: (column, whether from high to low), the key at its end
    :param condition: as of ``read_filter``
    :param filter: the text that it was read from
    :param top: rows wanted at most; None = all
    """

    select: tuple[str, ...]
    order: tuple[tuple[str, bool], ...]
    condition: Condition = ALL
    top: int | None = None
    skip: int = 0
    with_count: bool = False
    token: str = ""
    is_delta: bool = False
    shape: str = ""
    expand: tuple[Expanded, ...] = ()
    filter: str | None = None

    @property
    def is_all(self) -> bool:
        """Whether no row of the set is left out."""
        return self.condition == ALL and not self.skip and self.top is None


def read_options(given: Iterable[tuple[str, str]], of: EntitySet) -> Options:
    """Read the query of an address.

    :param given: names and values, in order
    :raises ODataFault: one is unknown, twice, malformed, or not to be had
    """
    found = {}
    for name, value in given:
        if not name.startswith(("$", "@")):
            continue  # options of others
        if name in INSTEAD:
            raise ODataFault(f"{name} is not available. {INSTEAD[name]}", 501)
        if name.startswith("@"):
            raise ODataFault("Parameter aliases are not available.", 501)
        if name not in KNOWN:
            raise ODataFault(f"There is no option {name[:50]}.")
        if name in found:
            raise ODataFault(f"{name} is given twice.")
        found[name] = value
    if found.get("$format", "json").split(";")[0] not in ("json", "application/json"):
        raise ODataFault("$format: there is JSON only.", 415)
    if found.get("$count", "false") not in ("true", "false"):
        raise ODataFault("$count is true or false.")
    text = found.get("$filter")
    shape = [of.name, *(found.get(name) for name in ("$filter", "$select", "$orderby"))]
    if "$expand" in found:
        shape.append(found["$expand"])
    return Options(
        _read_select(found.get("$select", "*"), of),
        _read_order(found.get("$orderby", ""), of),
        ALL if text is None else read_filter(text, of.columns),
        _read_number("$top", found["$top"]) if "$top" in found else None,
        _read_number("$skip", found.get("$skip", "0")),
        found.get("$count") == "true",
        found.get("$skiptoken") or found.get("$deltatoken") or "",
        "$deltatoken" in found,
        hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:16],
        _read_expand(found.get("$expand", ""), of),
        text,
    )


def read_key(text: str, of: EntitySet) -> str:
    """The filter that a key stands for: ``5``, ``kpi_id=5,grain='month',…``.

    :raises ODataFault: these are not the columns of the key
    """
    parts = list(KEY_PART.finditer(text))
    found = {part[1] or of.key[0]: part[2] for part in parts}
    is_read = ",".join(part[0] for part in parts) == text
    if not is_read or len(parts) != len(of.key) or found.keys() != set(of.key):
        raise ODataFault(f"The key of {of.name} is {', '.join(of.key)}.", 404)
    return " and ".join(f"{name} eq {value}" for name, value in found.items())


def _read_number(name: str, text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MOST:
        return int(text)
    raise ODataFault(f"{name} is a whole number, 0 or more.")


def _read_select(text: str, of: EntitySet) -> tuple[str, ...]:
    names = {name.strip() for name in text.split(",")}
    if "*" in names:
        return tuple(of.columns)
    for name in names:
        _check_column("$select", name, of)
    return tuple(name for name in of.columns if name in names)


def _read_expand(text: str, of: EntitySet) -> tuple[Expanded, ...]:
    """Read ``KpiDetails``, ``KpiDetails($select=name,code),…``."""
    found, at = {}, 0
    while at < len(text):
        part = EXPANDED.match(text, at)
        if not part:
            raise ODataFault(
                "$expand: there are names, each with ($select=…) where not all columns "
                "are wanted.",
                501,
            )
        name, option, given = part.groups()
        if name not in of.links:
            known = ", ".join(of.links) or "none"
            raise ODataFault(
                f"$expand: {of.name} has no {name[:50]}; there is {known}."
            )
        if name in found:
            raise ODataFault(f"$expand: {name} is given twice.")
        if option not in (None, "$select"):
            raise ODataFault(f"$expand: {option[:50]} is not available inside.", 501)
        column, linked = of.links[name]
        select = _read_select(given or "*", linked)
        found[name] = Expanded(name, column, linked, select)
        at = part.end()
    return tuple(found.values())


def _read_order(text: str, of: EntitySet) -> tuple[tuple[str, bool], ...]:
    order = {}
    for part in filter(None, text.split(",")):
        name, _blank, way = part.strip().partition(" ")
        if way.strip() not in ("", "asc", "desc"):
            raise ODataFault("$orderby: after a column comes asc or desc.")
        _check_column("$orderby", name, of)
        order.setdefault(name, way.strip() == "desc")
    for name in of.key:
        order.setdefault(name, False)
    return tuple(order.items())


def _check_column(option: str, name: str, of: EntitySet) -> None:
    if "/" in name:
        raise ODataFault(f"{option}: columns of other sets are not available.", 501)
    if name not in of.columns:
        raise ODataFault(f"{option}: {of.name} has no column {name[:100]}.")
