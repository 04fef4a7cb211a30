"""Public data sets that golden numbers are asserted on."""

import csv
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from ...analytics.data_models.purchases import Purchases, gather

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data")
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"{DATA} is not there, see KPI_DATA"
)


@cache
def read_rows(name: str) -> list[dict[str, str]]:
    """Rows of a file below the folder of the data sets."""
    with (DATA / name).open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@cache
def cdnow() -> Purchases:
    """69,659 purchases of 23,570 customers, January 1997 to June 1998."""
    rows = read_rows("transactions/cdnow.csv")
    return gather(
        np.array([int(row["customer_id"]) for row in rows]),
        np.array([row["date"] for row in rows], dtype="datetime64[D]"),
        np.array([float(row["amount"]) for row in rows]),
    )
