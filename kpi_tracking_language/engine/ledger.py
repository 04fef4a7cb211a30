"""Which slots of a question its answer has used: all of them, or it is none."""

from typing import Any

from .intent import Condition, Intent


class UnusedError(LookupError):
    """An answer that leaves out a part of the question.

    :ivar slots: names of the slots
    :ivar conditions: those that were not applied
    """

    def __init__(self, slots: list[str], conditions: list[Condition]) -> None:
        super().__init__(", ".join([*slots, *(one.field for one in conditions)]))
        self.slots = slots
        self.conditions = conditions


class Ledger:
    """Gives out the slots of an intent, and remembers which.

    An answer takes what it uses; ``close`` raises if a slot with a value, or a
    condition, was not taken. What only words an answer reads ``intent``.
    """

    def __init__(self, intent: Intent) -> None:
        self.intent = intent
        self._open = set(intent.list_slots()) - {"conditions"}
        self._open_conditions = list(intent.conditions)

    def take(self, slot: str) -> Any:
        """The value of a slot, which counts as used."""
        value = getattr(self.intent, slot)
        self._open.discard(slot)
        return value

    def take_conditions(self, *fields: str) -> list[Condition]:
        """The conditions on these fields, which count as used."""
        taken = [one for one in self.intent.conditions if one.field in fields]
        self._open_conditions = [
            one for one in self._open_conditions if one.field not in fields
        ]
        return taken

    def close(self) -> None:
        """:raises UnusedError: something was not taken"""
        if self._open or self._open_conditions:
            slots = [name for name in self.intent.list_slots() if name in self._open]
            raise UnusedError(slots, self._open_conditions)
