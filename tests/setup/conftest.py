"""Runs the commands of setup/ as somebody at a terminal does."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

# what would take the place of the commands' own PostgreSQL and Odoo
GIVEN = ("PGHOST", "PGPORT", "PGUSER", "DATABASE_URL", "ODOO_PATH", "PYTHONPATH")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))


@pytest.fixture
def home(tmp_path):
    """A cache folder of its own, not yet made."""
    return tmp_path / "home"


@pytest.fixture
def reachable_home():
    """A cache folder that the user of PostgreSQL can reach, unlike root's tmp_path."""
    folder = tempfile.mkdtemp(prefix="kpi-home-")
    os.chmod(folder, 0o755)
    yield Path(folder)
    shutil.rmtree(folder)


@pytest.fixture
def has_postgres(run_library):
    if run_library("_find_postgres").returncode:
        pytest.skip("no PostgreSQL server here: another one is given by PGHOST")


@pytest.fixture
def run(home):
    """Runs a command with an empty cache folder.

    ``run("serve", "--port", "x")`` runs setup/serve; keyword arguments are variables
    of the environment, None removes one.
    """

    def run_command(name, *arguments, **variables):
        return _run([str(ROOT / "setup" / name), *arguments], home, variables)

    return run_command


@pytest.fixture
def run_library(home):
    """Runs bash lines after the library was sourced, with an empty cache folder."""

    def run_lines(lines, **variables):
        return _run(_library_command(lines), home, variables)

    return run_lines


def _heed_ctrl_c():
    """As on a terminal: what a shell runs in the background is deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def start_library(home):
    """Starts bash lines as ``run_library`` does, in a process group of their own."""
    started = []

    def start_lines(lines):
        process = subprocess.Popen(
            _library_command(lines),
            env=_environment(home, {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_heed_ctrl_c,
        )
        started.append(process)
        return process

    yield start_lines
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def bin_without(tmp_path):
    """A folder with the programs of this machine but some: a PATH."""

    def make(*missing):
        folder = tmp_path / "bin"
        folder.mkdir()
        for source in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
            for program in Path(source).iterdir():
                link = folder / program.name
                if program.name not in missing and not link.exists():
                    link.symlink_to(program)
        return folder

    return make


@pytest.fixture
def assert_one_sentence():
    """The command ended with one sentence for its user and no traceback."""

    def check(process, *words):
        assert process.returncode == 1, process.stderr
        assert "Traceback" not in process.stderr
        sentence = process.stderr.strip().splitlines()[-1]
        assert [word for word in words if word not in sentence] == []

    return check


def _library_command(lines):
    library = shlex.quote(f"{ROOT}/setup/lib/common.sh")
    script = f"set -euo pipefail\n. {library}\n{lines}"
    return ["bash", "-c", script, "setup"]


def _environment(home, variables):
    environment = dict(os.environ, KPI_HOME=str(home))
    for name in GIVEN:
        environment.pop(name, None)
    for name, value in variables.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = str(value)
    return environment


def _run(command, home, variables):
    return subprocess.run(
        command,
        env=_environment(home, variables),
        capture_output=True,
        text=True,
        timeout=120,
    )
