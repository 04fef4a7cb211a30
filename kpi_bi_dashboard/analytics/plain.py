"""Figures as JSON."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Arrays as lists, dataclasses as dicts, days as texts; NaN, infinity are null."""
    if is_dataclass(value):
        value = vars(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = (value.astype(str) if value.dtype.kind == "M" else value).tolist()
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return str(value)
    is_number = isinstance(value, float)
    return value if not is_number or np.isfinite(value) else None
