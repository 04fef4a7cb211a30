"""People who decide in place of others."""

from collections.abc import Collection, Mapping


def find_stand_in(
    person: int,
    delegates: Mapping[int, int],
    there: Collection[int],
    barred: Collection[int] = (),
) -> int | None:
    """Who decides in place of ``person``: their delegate, else themselves.

    A delegate hands nothing on: what was delegated once stays there, so that circles
    of delegations end nowhere else than a single one.

    :param delegates: person → delegate, of the delegations in force
    :param there: people who can be asked now
    :param barred: people who must not decide, such as who asks for the approval
    :return: None where neither can be asked
    """
    able = [
        one
        for one in (delegates.get(person), person)
        if one in there and one not in barred
    ]
    return able[0] if able else None


def climb(
    person: int,
    managers: Mapping[int, int],
    there: Collection[int],
    barred: Collection[int] = (),
) -> int | None:
    """The nearest person above who can be asked; circles end where they began.

    :param managers: person → manager
    """
    seen = {person}
    while (person := managers.get(person)) is not None and person not in seen:
        if person in there and person not in barred:
            return person
        seen.add(person)
    return None
