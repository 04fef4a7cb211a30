"""Whose KPIs a question is about, and whose it leaves out."""

from .intent import NotOf, Owner, Status, WithoutTarget
from .pieces import Pieces

NOUNS = ("kpi", "filler", "from", "department", "team")
JOINED = ("status", "metric", "owner")
LINKS = ("nor", "or", "and", "neither", "not")


def take_exceptions(pieces: Pieces, found) -> None:
    """“except Sales and HR”, “but not those at risk”, “neither red nor yellow”,
    “without a target”: what follows is left out.

    :param found: ``Found`` after names were taken, of which some are moved
    """
    for at in list(pieces.places("except", "neither")):
        taken = _take_after(pieces, found, at)
        if taken:
            pieces.use(at, *taken)
    _join_excluded(found)


def _take_after(pieces: Pieces, found, at: int) -> list[int]:
    """Leave out what follows an “except”; the places of its words, if any."""
    is_neither = pieces.has(at, "neither")
    taken: list[int] = []
    between: list[int] = []
    for place in range(at + 1, len(pieces)):
        if key := _named_at(found, place):
            _move(found, place, *key)
        elif status := pieces.value(place, "status"):
            found.conditions.append(Status(operator="not in", value=(status,)))
        elif pieces.has(place, "target") and not taken:
            found.conditions.append(WithoutTarget())
            return [*between, place]
        elif pieces.has(place, *LINKS) and (is_neither or taken):
            between.append(place)
            continue
        elif pieces.has(place, *NOUNS):
            between.append(place)
            continue
        elif pieces.all[place].is_used:
            continue  # the noun of a name
        else:
            break
        taken += [*between, place]
        between = []
    return taken


def _named_at(found, place: int) -> tuple[str, str] | None:
    """The kind and key of the name at ``place``."""
    for at, code in found.metrics:
        if at == place:
            return "metric", code
    for at, key in found.named:
        if at == place:
            return "named", key
    return None


def _move(found, place: int, kind: str, key: str) -> None:
    """Take a name from those that are meant to those that are left out."""
    if kind == "metric":
        found.metrics.remove((place, key))
        found.conditions.append(NotOf(value=(key,)))
        return
    found.named.remove((place, key))
    if key in found.people:
        found.people.remove(key)
        found.conditions.append(Owner(operator="not in", value=(key,)))
        return
    found.departments.remove(key)
    found.excluded.append(key)


def _join_excluded(found) -> None:
    """Of several statuses that are left out make one condition."""
    out = [
        one
        for one in found.conditions
        if one.field in JOINED and one.operator == "not in"
    ]
    for field in JOINED:
        same = [one for one in out if one.field == field]
        if len(same) > 1:
            values = tuple(dict.fromkeys(v for one in same for v in one.value))
            kept = [one for one in found.conditions if one not in same]
            found.conditions[:] = [*kept, same[0].with_(value=values)]


def take_own(pieces: Pieces, found) -> None:
    """“my”, “my team”, “KPIs I own”, “of the company”."""
    is_mine = pieces.has_any("mine")
    if pieces.use_all("my_team"):
        found.scope = "my_team"
    elif pieces.use_all("mine"):
        found.scope = "me"
    elif pieces.use_all("company"):
        found.scope = "company"
    if found.metrics and pieces.has_any("who"):
        return  # “who owns revenue of Sales”
    for at in list(pieces.places("own")):
        before, after = at - 1, pieces.after(at)
        while pieces.is_free(before) and set(pieces.all[before].meanings) == {"filler"}:
            before -= 1
        if found.people or found.departments or found.scope == "my_team":
            found.is_owned = True
            pieces.use(at)
        elif pieces.has(before, "me") or pieces.has(after, "me") or is_mine:
            found.scope = "owned"
            found.is_owned = True
            pieces.use(at)
