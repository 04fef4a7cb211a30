"""The REST interface with two workers, asked for random things."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from _api_server import serving
from _harness import Bench, Figure, case
from random_requests import random_requests

EXAMPLES = 500
SECONDS = 3600


@case("engine")
def schemathesis(bench: Bench) -> Iterator[Figure]:
    """So many requests to each operation of the description, good ones and bad ones.

    A failure is an operation with an answer that the description does not know, an
    error of the server among them.
    """
    with serving(bench) as server, TemporaryDirectory() as folder:
        url, key = f"http://127.0.0.1:{server.port}", server.client.key
        outcome = random_requests(url, key, EXAMPLES, Path(folder), SECONDS)
        if outcome.failures:
            print(outcome.text)
        yield Figure("schemathesis_failures", outcome.failures, "", 1, "<= 0")
        yield Figure("schemathesis_operations", outcome.operations, "", 1)
