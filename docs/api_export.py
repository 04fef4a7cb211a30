"""Sends a year of daily values of all KPIs that people enter; see docs/api.md.

python api_export.py SERVER KEY
"""

import json
import sys
import time
from datetime import date, timedelta
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

SERVER, KEY = sys.argv[1:]
YEAR = [date(2025, 1, 1) + timedelta(days=n) for n in range(365)]


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
        except (URLError, OSError):
            pass  # the server restarts
        time.sleep(2)
    raise SystemExit(f"{path}: no answer")


manual = call("/api/kpi/definitions?computation=manual&limit=1000")["items"]
codes = [kpi["code"] for kpi in manual]
for code in codes:
    rows = [{"code": code, "day": str(day), "value": float(day.day)} for day in YEAR]
    sent = call("/api/kpi/measurements", {"rows": rows}, f"{code}-{YEAR[0].year}")
    print(code, {name: sent[name] for name in ("added", "unchanged", "refused")})
company = call("/api/kpi/reports?scope_type=company&limit=1000")["items"]
print({kpi["code"]: kpi["current_value"] for kpi in company if kpi["code"] in codes})
