"""JSON from outside that is nested no deeper than code can walk."""

import json
from typing import Any

MOST_LEVELS = 100


def is_too_deep(value: Any, most: int = MOST_LEVELS) -> bool:
    """Check whether lists and objects lie in each other beyond ``most`` levels."""
    level = [value]
    for _number in range(most + 1):
        level = [inner for each in level for inner in _children(each)]
        if not level:
            return False
    return True


def load_json(text: str) -> Any:
    """The value that ``text`` says.

    :raises ValueError: no JSON, or nested too deeply
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if is_too_deep(value):
        raise ValueError("nested too deeply")
    return value


def is_of_parser(error: BaseException) -> bool:
    """Check whether a parser of JSON, wherever it was called, gave up at the depth."""
    trace = error.__traceback__
    if not isinstance(error, RecursionError) or trace is None:
        return False
    while trace.tb_next:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename == json.decoder.__file__


def _children(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else ()
