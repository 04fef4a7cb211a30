"""Nothing is skipped for want of a package in ``setup/test --long``."""

import importlib.util
import os
import re
from pathlib import Path

import pytest

from addons import ROOT

needs_long = pytest.mark.skipif(
    not os.environ.get("KPI_LONG"), reason="setup/test --long installs them"
)
IMPORT = re.compile(r'\bimportorskip\("([\w.]+)"\)')


def find_wanted_modules(root=ROOT):
    """What tests import where it is installed, and are skipped without."""
    files = [*root.glob("kpi_*/tests/**/*.py"), *root.glob("tests/**/*.py")]
    found = (
        IMPORT.findall(file.read_text()) for file in files if file != Path(__file__)
    )
    return {name for names in found for name in names}


@pytest.mark.long
@needs_long
def test_every_package_that_a_test_can_do_without_is_there():
    wanted = find_wanted_modules() | {"pyspark.sql.connect", "schemathesis"}
    assert {"chdb", "clickhouse_connect", "pyodbc"} <= wanted
    assert [name for name in wanted if importlib.util.find_spec(name) is None] == []


@pytest.mark.long
@needs_long
def test_every_program_that_a_test_can_do_without_is_there(run_library):
    lines = '. "$KPI_SETUP/lib/long.sh"; need_long; echo "${KPI_MISSING[*]}"'
    assert run_library(lines).stdout == "\n"
    import pyodbc

    assert [name for name in pyodbc.drivers() if name.startswith("PostgreSQL")]


@pytest.mark.parametrize(
    ("java", "missing"),
    [
        ('openjdk version "17.0.15" 2025-04-15', ""),
        ('openjdk version "21" 2023-09-19', ""),
        ('java version "1.8.0_392"', "default-jre-headless"),
        ("java: not found", "default-jre-headless"),
    ],
)
def test_java_is_new_enough_for_spark(run_library, java, missing):
    process = run_library(
        f"""
        . "$KPI_SETUP/lib/long.sh"
        java() {{ echo '{java}' >&2; }}
        need_long
        printf '%s\\n' "${{KPI_MISSING[@]}}" | grep -x default-jre-headless || true
        """
    )
    assert process.stdout.strip() == missing, process.stderr


def test_a_long_run_is_told_by_its_option_or_its_variable(run_library):
    lines = """
        . "$KPI_SETUP/lib/long.sh"
        is_long a --long b && ! is_long a --longer && KPI_LONG=1 is_long
    """
    assert run_library(lines, KPI_LONG=None).returncode == 0
