"""Pauses of a request: intervals in which no clock counts."""

from collections.abc import Iterable
from dataclasses import dataclass

from odoo.addons.kpi_base.engine.worktime import FOREVER, WorkTimeError


@dataclass(frozen=True)
class Pause:
    """A pause ``[start, stop)``; ``FOREVER`` where it still runs.

    :raises WorkTimeError: it ends before it begins
    """

    start: int
    stop: int = FOREVER

    def __post_init__(self) -> None:
        if self.stop < self.start:
            raise WorkTimeError("The hold ends before it begins.")


def merge_pauses(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """The same time as pauses that neither overlap nor touch, in their order.

    Those of no length are left out.
    """
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda each: each.start):
        if pause.start == pause.stop:
            continue
        if merged and pause.start <= merged[-1].stop:
            before = merged.pop()
            pause = Pause(before.start, max(before.stop, pause.stop))
        merged.append(pause)
    return tuple(merged)
