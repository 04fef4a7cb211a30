"""Prints baselines of a city's measures, to be imported; see docs/benefits.md.

python city_baselines.py austin_fy2016_measures.csv > baselines.csv
"""

import csv
import sys

BEFORE, TARGET, AFTER = "PFY2_ACTUAL", "PFY1_AMENDED", "PFY1_ACTUAL"
ALL = {
    "Initiative": "FY2015",
    "Baseline Type": "Period Average",
    "Average From": "2013-10-01",
    "Baseline Until": "2014-09-30",
}


def is_number(text):
    try:
        return float(text) == float(text)
    except ValueError:
        return False


with open(sys.argv[1], encoding="utf-8", newline="") as stream:
    rows = [
        row
        for row in csv.DictReader(stream)
        if all(is_number(row[name]) for name in (BEFORE, TARGET, AFTER))
    ]
writer = csv.DictWriter(sys.stdout, [*ALL, "KPI", "Target"])
writer.writeheader()
for row in rows:
    code = f"city_year_{row['MEASURE_ID']}"
    writer.writerow({**ALL, "KPI": code, "Target": row[TARGET]})
