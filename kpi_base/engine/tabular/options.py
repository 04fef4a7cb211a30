"""Options of an import beside the meaning of its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..postgres import is_finite

OptionKind = Literal["boolean", "choice", "number", "text"]


class OptionError(ValueError):
    """No value of this option; its text says which."""


@dataclass(frozen=True)
class TargetOption:
    """A question that one target asks; the form draws it by its kind.

    :ivar choices: pairs of value and label, for the kind ``choice``
    :ivar default: what counts where nothing was chosen; None: nothing
    :ivar needs: key of the yes-or-no option without which nobody is asked
    """

    key: str
    label: str
    kind: OptionKind = "boolean"
    default: Any = None
    help: str = ""
    choices: Sequence[tuple[Any, str]] = ()
    needs: str = ""

    def check(self, value: Any) -> None:
        """:raises OptionError: it is not for this option"""
        if value is None or self._is_possible(value):
            return
        raise OptionError(f"{self.label}: {value}")

    def _is_possible(self, value: Any) -> bool:
        if self.kind == "boolean":
            return isinstance(value, bool)
        if self.kind == "choice":
            # True is 1, but no choice.
            keys = [(type(key), key) for key, _label in self.choices]
            return (type(value), value) in keys
        if self.kind == "number":
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            return is_number and is_finite(value)
        return isinstance(value, str)

    def as_json(self) -> dict[str, Any]:
        """Return the option as the form draws it."""
        return asdict(self)


def read_options(
    options: Sequence[TargetOption], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Key → value of each option: what was given, else its default.

    What no longer is a value, such as a choice that is gone, counts as not given.
    """
    values = {}
    for option in options:
        value = given.get(option.key)
        try:
            option.check(value)
        except OptionError:
            value = None
        values[option.key] = option.default if value is None else value
    return values


def check_options(options: Sequence[TargetOption], given: Mapping[str, Any]) -> None:
    """Refuse what none of ``options`` asks for.

    :raises OptionError: an unknown key, or a value that its option does not have
    """
    by_key = {option.key: option for option in options}
    for key, value in given.items():
        if key not in by_key:
            raise OptionError(key)
        by_key[key].check(value)
