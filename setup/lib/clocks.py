"""Clocks that stop for a test: found once in each module, not each time they stop."""

import sys
from types import ModuleType

from freezegun import api


class ModulesWithClocks:
    """What freezegun takes for ``sys``: its ``modules`` are those with a clock.

    freezegun would look through all of them, which are thousands, for each test.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._found: dict[str, ModuleType] = {}

    @property
    def modules(self) -> dict[str, ModuleType]:
        """Name → module, of those that have a clock, stopped or not."""
        for name, module in list(self._found.items()):
            if sys.modules.get(name) is not module:  # another one, or none
                del self._found[name]
                self._known.discard(name)
        if len(self._known) != len(sys.modules):
            clocks = _find_clocks()
            for name in sys.modules.keys() - self._known:
                values = getattr(sys.modules[name], "__dict__", {}).values()
                if any(id(value) in clocks for value in values):
                    self._found[name] = sys.modules[name]
            self._known = {*sys.modules}
        return self._found


def stop_few_clocks() -> None:
    """Let freezegun look for clocks only where some are."""
    api.sys = ModulesWithClocks()


def _find_clocks() -> set[int]:
    """Ids of the functions and classes of the real time, and of what replaces them."""
    fakes = {
        id(value)
        for name, value in vars(api).items()
        if name.startswith("fake_") or name in ("FakeDate", "FakeDatetime")
    }
    return api._real_time_object_ids | fakes
