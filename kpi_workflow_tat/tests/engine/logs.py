"""The public event logs, read without the code under test."""

import csv
import datetime as dt
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data") / "eventlog"
HELPDESK, TRAVEL = DATA / "helpdesk_1500.csv", DATA / "travel_permit_approvals.csv"
MISSING = f"{DATA} is not there, see KPI_DATA"
# cases, events, variants, cases of the most frequent, successions, median hours
GOLDEN = {
    HELPDESK: (1500, 7444, 101, 834, 25, 1039.1139),
    TRAVEL: (400, 7199, 400, 1, 366, 2258.7925),
}


def read_csv(path):
    """Case, activity and instant in microseconds, in the order of the file."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            moment = dt.datetime.fromisoformat(row["timestamp"])
            yield row["case"], row["activity"], round(moment.timestamp() * 1e6)
