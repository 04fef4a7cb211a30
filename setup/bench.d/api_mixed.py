"""The REST interface with two workers: minutes of reading and writing at once, and
random things asked."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from _api_server import FIRST_DAY, ApiServer, serving
from _harness import Bench, DifferentResults, Figure, case
from random_requests import random_requests

CLIENTS = 8
SHARE_OF_WRITES = 0.4
SHARED_KPIS = 4  # that all clients write, the same days too
DAYS = 400
ROWS = 10
WARM_UP = 0.1  # share of the time after which memory is looked at first
SUCCESSES = (200, 201, 204)

Key = tuple[int, str]
EXAMPLES = 500
RANDOM_SECONDS = 3600


@case("engine")
def mixed_load(bench: Bench) -> Iterator[Figure]:
    """Eight clients with four keys, 40 % writes; half of those hit the same KPIs.

    An error is any answer but a success, or none. Before the figures are believed,
    every value that was answered for must be there: of KPIs that one client writes the
    last one, of shared ones one that was sent.
    """
    with serving(bench) as server:
        load = _Load(server, bench.seconds)
        before, after = load.run()
        load.check(_recorded(bench))
        yield Figure("mixed_load_errors", load.error_count, "errors", 1, "<= 0")
        yield Figure(
            "mixed_load_requests", load.request_count, "requests", bench.seconds
        )
        yield Figure("mixed_load_rss_growth", after, "MiB", before, "<= 1.05")


def _recorded(bench: Bench) -> dict[Key, float]:
    cursor = bench.env.cr
    cursor.rollback()  # what others committed meanwhile
    cursor.execute("SELECT report_id, period_start, value FROM kpi_measurement")
    return {(report_id, str(day)): value for report_id, day, value in cursor.fetchall()}


class _Load:
    """Clients that go on for a while, and what they were told.

    :ivar own: key → value that its only client sent last
    :ivar shared: key → all values that were sent for it
    """

    def __init__(self, server: ApiServer, seconds: float):
        self.server, self.seconds = server, seconds
        self.statuses: Counter[str] = Counter()
        self.own: dict[Key, float] = {}
        self.shared: dict[Key, set[float]] = {}
        self.lock = threading.Lock()

    @property
    def request_count(self) -> int:
        return self.statuses.total()

    @property
    def error_count(self) -> int:
        return self.request_count - sum(self.statuses[str(s)] for s in SUCCESSES)

    def run(self) -> tuple[float, float]:
        """MiB of the workers after a warm-up and at the end."""
        self.stop_at = time.monotonic() + self.seconds
        with ThreadPoolExecutor(CLIENTS) as pool:
            done = [pool.submit(self._work, number) for number in range(CLIENTS)]
            time.sleep(self.seconds * WARM_UP)
            before = self.server.worker_mib()
            for future in done:
                future.result()
        after = self.server.worker_mib()
        if self.error_count:
            print(f"answers: {dict(self.statuses)}")
        return before, after

    def check(self, recorded: dict[Key, float]) -> None:
        for key, value in self.own.items():
            if recorded.get(key) != value:
                raise DifferentResults(f"{key}: {recorded.get(key)} is not {value}")
        for key, values in self.shared.items():
            if recorded.get(key) not in values:
                raise DifferentResults(f"{key}: {recorded.get(key)} was never sent")

    def _work(self, number: int) -> None:
        chance = random.Random(number)
        while time.monotonic() < self.stop_at:
            is_write = chance.random() < SHARE_OF_WRITES
            (self._write if is_write else self._read)(number, chance)

    def _read(self, number: int, chance: random.Random) -> None:
        report_id = chance.choice(self.server.report_ids)
        path = chance.choice(
            (
                f"/api/kpi/reports/{report_id}",
                "/api/kpi/reports?limit=20",
                f"/api/kpi/measurements?report_id={report_id}&limit=50",
                f"/api/kpi/reports/{report_id}/values?first=2023-01-01&last=2023-12-31",
                f"/api/kpi/explain/{report_id}",
            )
        )
        self._ask(number, "GET", path)

    def _write(self, number: int, chance: random.Random) -> None:
        is_shared = chance.random() < 0.5
        reports = self.server.report_ids[:SHARED_KPIS]
        if not is_shared:
            reports = self.server.report_ids[SHARED_KPIS + number :: CLIENTS]
        report_id, value = chance.choice(reports), round(chance.uniform(1, 1000), 3)
        first = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
        days = [str(first + timedelta(days=n)) for n in range(ROWS)]
        if is_shared:
            with self.lock:
                for day in days:
                    self.shared.setdefault((report_id, day), set()).add(value)
        rows = [{"report_id": report_id, "day": day, "value": value} for day in days]
        status = self._ask(number, "POST", "/api/kpi/measurements", {"rows": rows})
        if status in SUCCESSES and not is_shared:
            self.own |= {(report_id, day): value for day in days}

    def _ask(
        self, number: int, method: str, path: str, body: dict | None = None
    ) -> int:
        client = self.server.clients[number % len(self.server.clients)]
        try:
            status, answer = client.ask(method, path, body)
        except OSError as error:
            status, answer = 0, repr(error).encode()
        name = str(status)
        if status not in SUCCESSES:
            name = f"{status} {method} {path.partition('?')[0]} {answer[:200].decode()}"
        elif body and json.loads(answer)["refused"]:
            name = f"refused {answer[:200].decode()}"
        with self.lock:
            self.statuses[name] += 1
        return status


@case("engine")
def schemathesis(bench: Bench) -> Iterator[Figure]:
    """So many requests to each operation of the description, good ones and bad ones.

    A failure is an operation with an answer that the description does not know, an
    error of the server among them.
    """
    with serving(bench) as server, TemporaryDirectory() as folder:
        url, key = f"http://127.0.0.1:{server.port}", server.client.key
        outcome = random_requests(url, key, EXAMPLES, Path(folder), RANDOM_SECONDS)
        if outcome.failures:
            print(outcome.text)
        yield Figure("schemathesis_failures", outcome.failures, "", 1, "<= 0")
        yield Figure("schemathesis_operations", outcome.operations, "", 1)
