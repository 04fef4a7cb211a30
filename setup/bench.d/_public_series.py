"""Public series by kind, and the kinds and series that no choice was made by.

A kind is set aside where the SHA-256 of its name divides by 3, and of the others each
series of whose name it does. That was fixed before intervals were calibrated, and these
were measured once it was done::

    for kind in read_kinds(aside=True):
        kind.name, kind.is_aside, kind.series, kind.season_length, kind.horizon

The measures of the city of Austin are in none of them: they had been looked at before.
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

import numpy as np

from _harness import DATA
from installer import say

SHARE = 3  # one in so many is set aside
# file → season and horizon, in periods
FORECAST = {
    "monthly": (12, 12),
    "quarterly": (4, 4),
    "weekly": (52, 13),
    "hourly": (24, 24),
    "daily": (7, 14),
}
STREAMS = {
    "temperature": "ambient_temperature_system_failure",
    "tweets": "Twitter_volume_AAPL",
    "processor": "ec2_cpu_utilization_825cc2",
    "network": "ec2_network_in_5abac7",
    "clicks": "exchange-4_cpc_results",
}
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
MARKETING = ("revenue", "newsletter", "competitor_sales_B", "search_clicks_P")

Rows = dict[str, dict[datetime, list[float]]]


@dataclass(frozen=True)
class Kind:
    """Series of one kind.

    :ivar is_aside: whether no choice was made by these series
    :ivar series: by name, oldest value first; NaN = no data
    :ivar season_length, horizon: in periods
    """

    name: str
    is_aside: bool
    series: dict[str, np.ndarray]
    season_length: int
    horizon: int


def is_aside(name: str) -> bool:
    """Whether what has this name is set aside."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return int(digest, 16) % SHARE == 0


def has_series() -> bool:
    """Whether the data sets are there; says so where they are not."""
    if not (DATA / "forecast").is_dir():
        say(f"skipped: {DATA} is not there, see KPI_DATA")
    return (DATA / "forecast").is_dir()


def read_kinds(aside: bool) -> Iterator[Kind]:
    """The kinds that were set aside, with the series that were of the other kinds; or
    what is left to choose by."""
    readers: tuple[Callable[[], Iterator[Kind]], ...] = (
        _read_forecast,
        _read_streams,
        _read_business,
    )
    for reader in readers:
        for kind in reader():
            whole = is_aside(kind.name)
            taken = {
                name: values
                for name, values in kind.series.items()
                if (whole or is_aside(name)) == aside
            }
            if taken:
                yield Kind(kind.name, whole, taken, kind.season_length, kind.horizon)


def _read_forecast() -> Iterator[Kind]:
    """Competitions, a kind for each domain."""
    with _open("forecast/series_info.csv") as lines:
        domains = {row["series_id"]: row["domain"] for row in csv.DictReader(lines)}
    for grain, (season_length, horizon) in FORECAST.items():
        series: dict[str, dict[str, list[float]]] = defaultdict(dict)
        with _open(f"forecast/{grain}.csv") as lines:
            for row in csv.DictReader(lines):
                source = "wikipedia" if grain == "daily" else "m4"
                domain = domains.get(row["series_id"], source).lower()
                values = series[domain].setdefault(row["series_id"], [])
                values.append(float(row["value"]))
        for domain, each in series.items():
            arrays = {name: np.array(values) for name, values in each.items()}
            yield Kind(f"{grain} {domain}", False, arrays, season_length, horizon)


def _read_streams() -> Iterator[Kind]:
    """Measurements of machines and of the web, by the hour."""
    for name, file in STREAMS.items():
        rows: Rows = {name: defaultdict(list)}
        with _open(f"anomaly/{file}.csv") as lines:
            for row in csv.DictReader(lines):
                at = datetime.fromisoformat(row["timestamp"])
                hour = at.replace(minute=0, second=0)
                rows[name][hour].append(float(row["value"]))
        series = _fill(rows, HOUR, np.mean, np.nan)
        yield Kind(f"hourly {name}", False, series, 24, 24)


def _read_business() -> Iterator[Kind]:
    """Sales, deals, purchases, tickets."""
    with _open("marketing/robyn_weekly_spend.csv") as lines:
        table = list(csv.DictReader(lines))
    series = {name: np.array([float(row[name]) for row in table]) for name in MARKETING}
    yield Kind("weekly marketing", False, series, 52, 13)

    rows: Rows = defaultdict(lambda: defaultdict(list))
    with _open("crm/sales_pipeline.csv") as lines:
        for row in csv.DictReader(lines):
            if row["deal_stage"] == "Won":
                week = _week(datetime.fromisoformat(row["close_date"]))
                rows[f"won {row['sales_agent']}"][week].append(1.0)
                value = float(row["close_value"])
                rows[f"value {row['product']}"][week].append(value)
    yield Kind("weekly deals", False, _fill(rows, WEEK, np.sum, 0.0), 52, 8)

    rows = defaultdict(lambda: defaultdict(list))
    with _open("transactions/cdnow.csv") as lines:
        for row in csv.DictReader(lines):
            week = _week(datetime.fromisoformat(row["date"]))
            for name in ("quantity", "amount"):
                rows[f"cdnow {name}"][week].append(float(row[name]))
    yield Kind("weekly purchases", False, _fill(rows, WEEK, np.sum, 0.0), 52, 8)

    rows = defaultdict(lambda: defaultdict(list))
    with _open("transactions/superstore.csv") as lines:
        for row in csv.DictReader(lines):
            day = datetime.strptime(row["Order Date"], "%m/%d/%Y")
            rows[row["Sub-Category"]][day.replace(day=1)].append(float(row["Sales"]))
    months = sorted({month for each in rows.values() for month in each})
    series = {
        name: np.array([sum(each[month]) for month in months])
        for name, each in rows.items()
    }
    yield Kind("monthly superstore", False, series, 12, 12)

    rows = defaultdict(lambda: defaultdict(list))
    cases: set[str] = set()
    with _open("eventlog/helpdesk_1500.csv") as lines:
        for row in csv.DictReader(lines):
            if row["case"] not in cases:
                cases.add(row["case"])
                at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=None)
                name = f"tickets {row['seriousness']}"
                rows[name][_week(at)].append(1.0)
    yield Kind("weekly tickets", False, _fill(rows, WEEK, np.sum, 0.0), 52, 13)


def _fill(
    rows: Rows, step: timedelta, total: Callable, otherwise: float
) -> dict[str, np.ndarray]:
    """Totals of all periods from the first to the last but one, which may be cut."""
    times = {time for each in rows.values() for time in each}
    first, count = min(times), (max(times) - min(times)) // step
    starts = [first + place * step for place in range(1, count)]
    return {
        name: np.array(
            [total(each[at]) if each.get(at) else otherwise for at in starts]
        )
        for name, each in rows.items()
    }


def _week(at: datetime) -> datetime:
    day = at.replace(hour=0, minute=0, second=0)
    return day - timedelta(days=day.weekday())


def _open(name: str) -> TextIO:
    return Path(DATA, name).open(encoding="utf-8", newline="")
