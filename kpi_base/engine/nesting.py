"""JSON from outside, as RFC 8259 and common sense have it; Python alone takes far more.

None is nested deeper than code can walk.
"""

import json
from typing import Any

MOST_LEVELS = 100
TOO_DEEP = "The body is nested too deeply."
NESTED = (dict, list, tuple)
Json = dict | list | str | int | float | bool | None


class JsonError(ValueError):
    """Defect of a body, in words for whoever sent it."""


def is_too_deep(value: Any) -> bool:
    """Check whether lists and objects lie in each other beyond ``MOST_LEVELS``."""
    level = [value]
    for _number in range(MOST_LEVELS + 1):
        nested = [each for each in level if isinstance(each, NESTED)]
        level = [
            inner
            for each in nested
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


def load_json(text: str) -> Json:
    """The value that ``text`` says; errors as of :func:`parse`."""
    return parse(text.encode(errors="replace"))


def parse(body: bytes) -> Json:
    """The value that ``body`` says.

    :raises JsonError: not UTF-8, no JSON, a name twice in one object, NaN or Infinity,
        nested too deeply
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        raise JsonError(f"Byte {error.start} is not UTF-8.") from None
    except RecursionError:
        raise JsonError(TOO_DEEP) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise JsonError(f"This is not JSON: {error.msg} ({place}).") from None
    except JsonError:
        raise
    except ValueError:  # an integer of thousands of digits
        raise JsonError("A number has too many digits.") from None
    if is_too_deep(value):
        raise JsonError(TOO_DEEP)
    return value


def is_of_parser(error: BaseException) -> bool:
    """Check whether a parser of JSON, wherever it was called, gave up at the depth."""
    trace = error.__traceback__
    if not isinstance(error, RecursionError) or trace is None:
        return False
    while trace.tb_next:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename == json.decoder.__file__


def _without_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise JsonError(f"“{double[:50]}” appears twice in one object.")
    return found


def _refuse_constant(name: str) -> None:
    raise JsonError(f"{name} is not a valid JSON number.")
