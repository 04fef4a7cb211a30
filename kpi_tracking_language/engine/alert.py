"""Alerts that a question asks for."""

from collections.abc import Sequence

from .catalogue import Catalogue
from .comparison import Quantity, read_quantity, take_comparisons
from .intent import GRAINS, AlertWish
from .parts import Unclear
from .pieces import Pieces

LEVELS = {">": "above", ">=": "above", "<": "below", "<=": "below"}
CHANGES = {"down": "change_below", "worse": "change_below"}
RISES = {"up": "change_above", "better": "change_above"}
SAID_OF_ALERTS = "alert when tell move back send vs over or and by will row".split()
ME = {"me", "us", "mich", "mir", "uns", "moi", "nous"}
ADDRESSED = ("alert", "send", "tell")
MARKS = (*ADDRESSED, "when", "cmp", "move")
MOST_BETWEEN = 12  # pieces between a number and the verb at the end

Named = Sequence[tuple[int, str]]


def read_alerts(
    pieces: Pieces, metrics: Named, recipients: Sequence[str], catalogue: Catalogue
) -> tuple[AlertWish, ...]:
    """The alerts that are asked for; empty where something is missing.

    :raises UnitError: a threshold in a unit that the KPI does not have
    """
    window = _take_window(pieces)
    consecutive, _unit, places = pieces.find_streak()
    pieces.use(*places)
    moves = {at: pieces.value(at, "move") for at in pieces.places("move")}
    wishes = []
    for place, operator, quantity in _conditions(pieces, moves):
        code = _metric_at(place, metrics)
        move = _move_before(place, moves, metrics)
        if not code or operator == "=":
            return ()
        unit = catalogue.by_code[code].unit
        condition = _change(move, operator, quantity, window)
        if condition:
            sign = -1 if condition == "change_below" else 1
            number, unit = sign * abs(quantity.number), "%"
        else:
            condition = LEVELS.get(operator, "below" if move == "down" else "above")
            number = quantity.in_unit(unit)
        wishes.append(
            AlertWish(
                metric=code,
                condition=condition,
                threshold=number,
                unit=unit,
                window=window if condition.startswith("change") else None,
                consecutive=consecutive,
                recipients=tuple(recipients),
            )
        )
    named = {code for _, code in metrics}
    if not metrics or {wish.metric for wish in wishes} != named:
        return ()
    pieces.use_all(*SAID_OF_ALERTS)
    return tuple(wishes)


def _conditions(pieces: Pieces, moves) -> list[tuple[int, str, Quantity]]:
    """Places, operators and numbers; the operator of “falls by 5 %” is empty."""
    found = [
        (one.place, one.operator, one.quantity) for one in take_comparisons(pieces)
    ]
    for at in moves:
        number_at = pieces.skip(at + 1, "by", "to", "number")
        is_to = pieces.has(number_at, "to")
        start = number_at
        if pieces.has(number_at, "by", "to") and not pieces.number(number_at):
            start = pieces.skip(number_at + 1, "number")
        quantity = read_quantity(pieces, start)
        if quantity:
            level = "<=" if moves[at] in CHANGES else ">="
            found.append((at, level if is_to else "", quantity[0]))
            pieces.use(*range(number_at, quantity[1]))
    return sorted(found, key=lambda one: one[0])


def take_recipients(pieces: Pieces, metrics: Named, named: Named) -> tuple[str, ...]:
    """Those of ``named`` that the alert notifies; the KPI is that of the others.

    :param named: places and keys of departments, teams and people
    :raises Unclear: one may be either
    """
    marks = {at: "metric" for at, _ in metrics}
    for at, piece in enumerate(pieces.all):
        kinds = [kind for kind in MARKS if kind in piece.meanings]
        if kinds and at not in marks:
            marks[at] = kinds[0]
    teams = [(at, "my_team") for at in pieces.places("my_team")]
    found = []
    for place, key in (*named, *teams):
        before = [at for at in marks if at < place]
        after = [at for at in marks if at > place]
        led = marks[max(before)] if before else ""
        following = marks[min(after)] if after else ""
        if led in ADDRESSED and following == "metric":
            _refuse_unless_addressed(pieces, place, min(after), max(before))
        if led in ADDRESSED or (not led and following in (*ADDRESSED, "when")):
            found.append(key)
            if key == "my_team":
                pieces.use(place)
    return (*dict.fromkeys(found), *_take_me(pieces, found))


def _refuse_unless_addressed(pieces: Pieces, place: int, metric: int, alert: int):
    """“alert Anna on churn above 5%” is for Anna; “alert me on Anna's win rate …” and
    “alert Support CSAT …” may mean theirs.

    :raises Unclear: they may be either
    """
    is_next = alert == place - 1 and not ME & set(pieces.all[alert].phrase)
    link = pieces.all[place + 1]
    if not is_next or metric == place + 1 or link.text.lower() == "s":
        raise Unclear("ambiguous_name", [pieces.all[place].text])


def _take_me(pieces: Pieces, others: Sequence[str]) -> list[str]:
    """Whether the user is notified, too: “me and Anna”, “alert me and Anna”."""
    if not others:
        return []
    is_me = any(
        "alert" in piece.meanings and ME & set(piece.phrase) for piece in pieces.all
    )
    for at in list(pieces.places("me")):
        if pieces.has(at - 1, "and", "or") or pieces.has(at + 1, "and", "or"):
            pieces.use(at)
            is_me = True
    return ["me"] if is_me else []


def _metric_at(place: int, metrics: Named) -> str | None:
    """The KPI that a condition is about: the last one before it, else the next."""
    before = [code for at, code in metrics if at < place]
    after = [code for at, code in metrics if at > place]
    return before[-1] if before else (after[0] if after else None)


def _move_before(place: int, moves, metrics: Named) -> str | None:
    """“drops” in “revenue drops more than 10 %”, else a verb at the end."""
    start = max((at for at, _ in metrics if at < place), default=-1)
    stop = min((at for at, _ in metrics if at > place), default=place + MOST_BETWEEN)
    found = [move for at, move in moves.items() if start < at <= place]
    after = [move for at, move in moves.items() if place < at < stop]
    return (found[-1:] or after[:1] or [None])[0]


def _change(move, operator, quantity: Quantity, window) -> str | None:
    """Which change is meant; None where it is a level, as in “rises above 5 %”."""
    condition = CHANGES.get(move) or RISES.get(move)
    if not condition or operator in ("<", "<="):
        return None
    if condition == "change_above" and not window and operator:
        return None
    if quantity.unit != "%":
        words = f"{quantity.number:g} {quantity.unit}".strip()
        raise Unclear("change_unit", [words])
    return condition


def _take_window(pieces: Pieces) -> str | None:
    """“vs last month”, “week over week”: the grain that a change is over."""
    if grain := pieces.take("over"):
        return grain
    for at in list(pieces.places("vs", "previous", "compare", "from")):
        is_word = pieces.has(at, "previous")
        begin = at if is_word else pieces.skip(at + 1, "previous", "rel", "unit")
        grain, stop = pieces.find_earlier(begin, "last", "previous", "before")
        if grain in GRAINS.values():
            pieces.use(*range(at, stop))
            return grain
    return None
