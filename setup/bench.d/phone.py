"""The phone app: what it sends and gets."""

import gzip
import json
from collections.abc import Iterator

from _harness import Bench, Figure, case, count_statements
from _kpis import MONTHS, TARGET, as_admin, fill_months, track

KPIS = (20, 400)
CHANGED = 5


@case("engine")
def phone(bench: Bench) -> Iterator[Figure]:
    """Kilobytes, compressed, both ways, where 5 of 200 cards have changed; statements
    of the largest phone, where 20 and 400 KPIs are tracked."""
    phones, made, counted = as_admin(bench.env["kpi.phone"]), 0, []
    for count in KPIS:
        kpis = track(bench.env, count - made, "Phone", first=made, target=TARGET)
        fill_months(bench.env, kpis.definition_id, MONTHS)
        kpis._refresh_current()
        made = count
        counted.append(count_statements(phones.env, lambda: phones.sync({})))
    known = {key: row["digest"] for key, row in phones.sync({})["rows"].items()}
    shown = [key for key in known if key.startswith("card:")][:CHANGED]
    wrong = dict.fromkeys(shown, "0" * 8)
    answer = phones.sync(known | wrong)
    sent = [json.dumps(each).encode() for each in (known, answer)]
    size = sum(len(gzip.compress(each)) for each in sent) / 1000
    yield Figure("sync_changed_kb", size, "kB", 4.0, "<= 1")
    yield Figure("sync_statements", counted[1], "queries", counted[0], "<= 1.1")
