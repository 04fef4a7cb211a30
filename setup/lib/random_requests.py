"""Random requests made from the description of the interface, and what came of them.

Schemathesis makes them: good ones, and such as break one rule of the description.
"""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,response_headers_conformance,unsupported_method"
)
SEED = "1"
CLIENTS = "2"
REQUEST_SECONDS = "60"


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    :ivar operations: number of those that were asked
    :ivar failures: number of those with an answer that is not as described
    :ivar text: what Schemathesis says about it
    """

    operations: int
    failures: int
    text: str


def random_requests(
    url: str, key: str, examples: int, folder: Path, timeout: float
) -> Outcome:
    """Ask each operation of a server's description for ``examples`` random things.

    :param folder: for files that are made on the way
    :raises subprocess.TimeoutExpired: it takes longer than ``timeout`` seconds
    :raises RuntimeError: it could not even begin
    """
    report = folder / "requests.xml"
    command = [sys.executable, "-m", "schemathesis.cli", "run"]
    command += [f"{url}/api/kpi/openapi.json", "-H", f"Authorization: Bearer {key}"]
    command += ["--max-examples", str(examples), "--checks", CHECKS, "--no-color"]
    command += ["--phases", "examples,fuzzing", "--seed", SEED, "--workers", CLIENTS]
    command += ["--request-timeout", REQUEST_SECONDS]
    command += ["--report", "junit", "--report-junit-path", str(report)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, cwd=folder
    )
    text = done.stdout + done.stderr
    if not report.exists():
        raise RuntimeError(text)
    # Written by the command above, from what our own server says.
    cases = ElementTree.parse(report).getroot().findall(".//testcase")
    bad = [
        case
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]
    failures = max(len(bad), int(done.returncode != 0))
    return Outcome(len(cases), failures, text)
