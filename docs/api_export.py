"""Sends a year of values of the company's KPIs that people enter; see docs/api.md.

python api_export.py SERVER KEY
"""

import json
import sys
import time
from datetime import date, timedelta
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SERVER, KEY = sys.argv[1:]
YEAR = [date(2025, 1, 1) + timedelta(days=n) for n in range(365)]
MONTHS = [day for day in YEAR if day.day == 1]
# any day of a period names it
PERIODS = {
    "day": YEAR,
    "week": YEAR[::7],
    "month": MONTHS,
    "quarter": MONTHS[::3],
    "year": MONTHS[:1],
}


def call(path, body=None, name=None):
    """The answer; what fails on the way is asked for again, and done once."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    if name:
        headers["Idempotency-Key"] = name
    content = json.dumps(body).encode() if body else None
    for _attempt in range(60):
        try:
            request = Request(SERVER + path, content, headers)
            with urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code not in (409, 429, 503):
                raise SystemExit(f"{path}: {error.read().decode()}") from None
        except (HTTPException, OSError):
            pass  # the server restarts, perhaps in the middle of an answer
        time.sleep(2)
    raise SystemExit(f"{path}: no answer")


def tracked():
    """What is tracked for a company, of the KPIs that people enter."""
    manual = call("/api/kpi/definitions?computation=manual&limit=1000")["items"]
    codes = {kpi["code"] for kpi in manual}
    reports = call("/api/kpi/reports?scope_type=company&limit=1000")["items"]
    return [report for report in reports if report["code"] in codes]


for kpi in tracked():
    number, days = kpi["id"], PERIODS[kpi["frequency"]]
    values = [1.0 if kpi["unit"] == "boolean" else float(day.day) for day in days]
    rows = [
        {"report_id": number, "day": str(day), "value": value}
        for day, value in zip(days, values, strict=True)
    ]
    sent = call("/api/kpi/measurements", {"rows": rows}, f"{number}-{YEAR[0].year}")
    counts = {name: sent[name] for name in ("added", "changed", "unchanged", "refused")}
    print(kpi["code"], counts)
    for result in sent["results"]:
        if result["outcome"] == "refused":
            print(f"    {days[result['index']]}: {result['detail']}")
print({kpi["code"]: kpi["current_value"] for kpi in tracked()})
