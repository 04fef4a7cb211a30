"""Random requests, as long as the server is there: they change whatever they can."""

import importlib.util
import os

import pytest
from calls import operations

from random_requests import random_requests

pytestmark = pytest.mark.long

# per operation; `setup/bench api` asks for 500
EXAMPLES = 50 if os.environ.get("KPI_LONG") else 4
EXAMPLE_SECONDS = 1500


@pytest.mark.skipif(
    importlib.util.find_spec("schemathesis") is None, reason="needs schemathesis"
)
def test_random_requests_get_described_answers(server, tmp_path):
    server.execute("DELETE FROM kpi_api_counter")
    outcome = random_requests(
        server.url, server.keys[0], EXAMPLES, tmp_path, EXAMPLE_SECONDS
    )
    assert not outcome.failures, outcome.text[-8000:]
    assert outcome.operations == len(list(operations(server)))
