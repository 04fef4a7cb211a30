"""Questions in plain words: how many are read, how fast, and what an answer costs.

Reads ``nl_queries_dev.jsonl`` of the data sets that KPI_DATA names, and judges by its
``score_nl.py``.
"""

import json
import runpy
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from itertools import islice, product
from timeit import timeit

from _harness import DATA, Bench, Figure, case, constant, count_statements
from _kpis import MONTHS, TARGET, as_admin, fill_months, make_key, track
from _server import ask, server
from installer import say

NAMES, TURNS = 8_000, 5
WORDS = (
    "net gross open active regional deferred blended planned critical".split(),
    "order invoice claim machine supplier project shipment call asset desk".split(),
    "rate count time value cost share volume margin index delay".split(),
    map(str, range(9)),
)
KPIS = (5, 500)
MOST_STATEMENTS, CALLS = 20, 200
OF_ONE = ("Bench 3 last month", "Bench 4 vs target", "Bench 1 last 6 months")
OF_ALL = ("how many KPIs are off target?", "top 3 KPIs")


def _p95(seconds: Iterable[float]) -> float:
    ordered = sorted(seconds)
    return ordered[int(len(ordered) * 0.95)]


@case()
def questions(_bench: Bench) -> Iterator[Figure]:
    """Shares that are read exactly, wrongly, and asked back though they have an answer;
    milliseconds to read one among 8,000 names."""
    from odoo.addons.kpi_tracking_language.engine.catalogue import Catalogue, Metric
    from odoo.addons.kpi_tracking_language.engine.reading import read
    from odoo.addons.kpi_tracking_language.tests.engine import questions_case

    file = DATA / "nl_queries_dev.jsonl"
    if not file.is_file():
        say(f"skipped: {file} is not there, see KPI_DATA")
        return
    asked = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    catalogue = questions_case.load_catalogue(DATA / "nl_catalog.json")
    is_right = runpy.run_path(str(DATA / "score_nl.py"))["ok"]
    exact = back = 0
    for row in asked:
        today = date.fromisoformat(row["today"])
        context = row.get("context")  # the question before, which this one follows
        found = questions_case.ask(row["query"], catalogue, today, context=context)
        exact += is_right(row, found)
        back += found["intent"] == "clarify" and not is_right(row, found)
    yield Figure("questions_exact", exact / len(asked), "", 1, ">= 0.95")
    yield Figure("questions_wrong", 1 - (exact + back) / len(asked), "", 1, "<= 0")
    yield Figure("questions_asked_back", back, "", 2, "<= 1")
    names = [" ".join(words) for words in islice(product(*WORDS), NAMES)]
    metrics = [Metric(f"k{n}", (name,)) for n, name in enumerate(names)]
    many = Catalogue((*metrics, *catalogue.metrics), catalogue.departments)
    texts = [row["query"] for row in [*asked, *questions_case.load_questions()]]
    # as long as they may be
    texts += [" ".join(names[n::400])[:500] for n in range(30)]
    texts += [f"{text} and mnoth of ".replace(" ", "  ") * 30 for text in texts[:30]]
    runs = [partial(read, text[:500], many, today) for text in texts]
    runs[0]()
    took = [timeit(run, number=1) for _turn in range(TURNS) for run in runs]
    yield Figure("question_reading_p95", 1000 * _p95(took), "ms", 25, "<= 1")


def _follow_up(processor) -> Figure:
    """The time of a question that follows up on another, compared with it in full."""
    before = processor.ask("Bench 3 last month")["after"]
    asks = {
        "next": partial(processor.ask, "as a trend", {}, before),
        "full": partial(processor.ask, "trend of Bench 3 last month"),
    }
    took: dict[str, list[float]] = {kind: [] for kind in asks}
    for _turn in range(CALLS):
        for kind, ask_once in asks.items():
            processor.env.invalidate_all()
            took[kind].append(timeit(ask_once, number=1))
    ours, full = (1000 * _p95(seconds) for seconds in took.values())
    return Figure("question_follow_up_p95", ours, "ms", full, "<= 1.2")


@case("engine")
def query(bench: Bench) -> Iterator[Figure]:
    """Statements of answers at 5 and 500 KPIs, the time of a request compared
    with that of reading one KPI, and of a follow-up with the same question in full."""
    env, made = bench.env, 0
    counted: dict[str, set[float]] = {text: set() for text in OF_ONE + OF_ALL}
    for count in KPIS:
        kpis = track(env, count - made, "Bench", first=made, target=TARGET)
        fill_months(env, kpis.definition_id, MONTHS)
        kpis._refresh_current()
        made = count
        env.cr.commit()
        own = as_admin(env["kpi.nlp.processor"])
        for text, numbers in counted.items():
            answer = partial(own.process_natural_language_query, text)
            if answer()["outcome"] != "answered":
                raise ValueError(f"{text}: {answer()['reading']}")
            numbers.add(count_statements(own.env, answer))
    figures = [
        constant("query_statements", numbers, MOST_STATEMENTS)
        for numbers in counted.values()
    ]
    yield max(figures, key=lambda figure: figure.value)
    yield _follow_up(own)
    key = make_key(env)
    with server(bench.database, "--workers=0") as url:
        call = partial(ask, url, Authorization=f"Bearer {key}")
        took: dict[str, list[float]] = {"one": [], "all": [], "get": []}
        for turn in range(CALLS):
            for kind, texts in (("one", OF_ONE), ("all", OF_ALL)):
                body = {"question": texts[turn % len(texts)]}
                ours = partial(call, "POST", "/api/kpi/query", body)
                took[kind].append(timeit(ours, number=1))
            path = f"/api/kpi/reports/{kpis[turn % len(kpis)].id}"
            took["get"].append(timeit(partial(call, "GET", path), number=1))
    own, listed, plain = (1000 * _p95(seconds) for seconds in took.values())
    yield Figure("query_vs_get_p95", own, "ms", plain, "<= 3")
    yield Figure("query_of_500_vs_get_p95", listed, "ms", plain)
