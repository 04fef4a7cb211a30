"""Commands that meet another one, or what an interrupted one has left."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PYTHON = "open_cache; find_python; KPI_ODOO_PROVIDER=path; ensure_python"
# its environments have a pip that does nothing: the real one takes seconds to install
QUICK_PYTHON = f"""#!/bin/bash
[ "$2" = venv ] || exec "{sys.executable}" "$@"
"{sys.executable}" -m venv --without-pip "${{@:3}}"
for folder in "${{@: -1}}"/lib/python3*/site-packages; do
    mkdir "$folder/pip"
    touch "$folder/pip/__init__.py" "$folder/../../../bin/pip"
done
"""
NO_PIP = "_pip_install() { true; };"  # before the line above
CONNECT = """
open_cache
ensure_postgres
"$KPI_PG_BIN/psql" --dbname postgres --no-align --tuples-only --command \
    "SELECT current_user, current_setting('fsync'), current_setting('listen_addresses')"
_as_postgres "$KPI_PG_BIN/pg_ctl" --pgdata "$KPI_HOME"/postgres-* --silent stop
"""


@pytest.fixture
def quick_python(tmp_path, monkeypatch):
    """Environments are made in a moment."""
    program = tmp_path / "quick" / "python3"
    program.parent.mkdir()
    program.write_text(QUICK_PYTHON)
    program.chmod(0o755)
    monkeypatch.setenv("PYTHON", str(program))


@pytest.mark.usefixtures("has_postgres")
def test_private_cluster_is_made_over_what_an_interruption_left(
    run_library, reachable_home
):
    half_made = reachable_home / "tmp" / "cluster"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("15\n")
    first = run_library(CONNECT, KPI_HOME=reachable_home)
    assert first.stdout == "odoo|on|\n", first.stderr
    second = run_library(CONNECT, KPI_HOME=reachable_home)
    assert second.stdout == "odoo|on|\n", second.stderr
    assert "making" in first.stderr
    assert "making" not in second.stderr
    [cluster] = reachable_home.glob("postgres-*")
    shutil.rmtree(cluster)  # to begin anew, stamps left
    assert run_library(CONNECT, KPI_HOME=reachable_home).stdout == "odoo|on|\n"


@pytest.mark.usefixtures("has_postgres")
def test_private_cluster_lies_in_a_folder_with_a_space(run_library, reachable_home):
    home = reachable_home / "my cache"
    home.mkdir(mode=0o755)
    process = run_library(CONNECT, KPI_HOME=home)
    assert process.stdout == "odoo|on|\n", process.stderr


def test_python_environment_lies_in_a_folder_with_a_space(run_library, tmp_path):
    """Its programs begin with the path of their interpreter."""
    home = tmp_path / "my cache"
    process = run_library(f"{PYTHON}; pip --version; command -v pip", KPI_HOME=home)
    assert process.returncode == 0, process.stderr
    version, place = process.stdout.splitlines()
    assert version.startswith("pip ")
    assert Path(place).resolve() == (home / "python/bin/pip").resolve()


@pytest.mark.usefixtures("has_postgres")
@pytest.mark.skipif(os.getuid() != 0, reason="PostgreSQL runs as oneself but for root")
def test_cluster_in_a_closed_folder_names_the_remedy(
    run_library, home, assert_one_sentence
):
    home.mkdir()
    home.chmod(0o700)
    assert_one_sentence(run_library(CONNECT), "cannot reach", "KPI_HOME")


def test_ctrl_c_is_one_line_whatever_the_program_makes_of_it(start_library):
    # as pip and initdb, which end with a status of their own
    process = start_library(
        """
        exec 3>&1
        open_cache
        say working
        run_quietly "it failed" python3 -c '
        import os, sys, time
        try:
            os.write(3, b"begun\\n")
            time.sleep(60)
        except KeyboardInterrupt:
            sys.exit(1)
        '
        """.replace("\n        ", "\n")
    )
    assert process.stdout.readline() == "begun\n"
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert said.splitlines()[1:] == ["", "setup: interrupted; run it again to go on."]
    assert process.returncode == 130


@pytest.mark.usefixtures("quick_python")
def test_environment_that_was_not_finished_is_made_anew(run_library, home):
    program = home / "python.1" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text("half a program")
    (home / "python").symlink_to("python.1")
    lines = PYTHON
    assert run_library(lines).returncode == 0
    program = home / "python" / "bin" / "python"
    version = subprocess.run([program, "-c", "import pip"], capture_output=True)
    assert version.returncode == 0
    assert run_library(lines).stderr == ""


@pytest.mark.usefixtures("quick_python")
def test_environment_whose_disk_was_full_is_made_anew(run_library, home, tmp_path):
    """What pip had unpacked of a package, it takes for installed."""
    lines = PYTHON
    assert run_library(lines).returncode == 0
    full = "_pip_install() { echo 'ERROR: [Errno 28] No space left on device'; false; }"
    process = run_library(f"{full}; {lines} serve")
    assert process.returncode == 1
    sentence = process.stderr.strip().splitlines()[-1]
    assert "disk" in sentence and str(home) in sentence and "network" not in sentence
    half = home / "python" / "half_unpacked"
    half.touch()
    assert run_library(f"{NO_PIP} {lines} serve").returncode == 0
    assert not half.exists()
    (home / "python" / "whole").touch()
    assert run_library(f"{NO_PIP} {lines} serve").stderr == ""
    assert (home / "python" / "whole").exists()


@pytest.mark.usefixtures("quick_python")
def test_environment_that_a_program_runs_from_stays(run_library, home):
    lines = PYTHON
    assert run_library(lines).returncode == 0
    first = (home / "python").resolve()
    again = f"{lines}; stamp python-serve unfinished; {NO_PIP} {lines} serve"
    with subprocess.Popen(["sleep", "60"], env={"PATH": f"{first}/bin:/bin"}) as server:
        assert run_library(again).returncode == 0
        second = (home / "python").resolve()
        assert first != second and (first / "bin" / "pip").exists()
        server.kill()
    assert run_library(again).returncode == 0
    assert not first.exists() and (home / "python" / "bin" / "pip").exists()


@pytest.mark.usefixtures("quick_python")
def test_environment_stays_whole_where_another_layer_cannot_be_installed(
    run_library, home
):
    assert run_library(f"{NO_PIP} {PYTHON} serve").returncode == 0
    first = (home / "python").resolve()
    offline = f"_pip_install() {{ false; }}; {PYTHON}"
    run_library(f"open_cache; stamp python-lint unfinished; {offline} lint")
    process = run_library(f"{offline} serve")
    assert (process.returncode, process.stderr) == (0, "")
    assert (home / "python").resolve() == first
    assert run_library(f"{NO_PIP} {PYTHON} lint").returncode == 0
    assert run_library(f"{offline} serve lint").stderr == ""


@pytest.mark.usefixtures("quick_python")
def test_second_command_waits_for_no_more_than_it_needs(run_library):
    process = run_library(
        f"""
        {NO_PIP} {PYTHON} serve
        ( lock_cache python; stamp python-lint unfinished; sleep 20 ) &
        sleep 0.5
        {PYTHON} serve
        ( sleep 2; stamp python-test "$(_layer_key test)" ) &
        {PYTHON} serve test
        kill %1
        """
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr.count("making") == process.stderr.count("waiting") == 1


def test_stamp_of_other_inputs_does_not_count(run_library):
    lines = "open_cache; stamp step one; is_stamped step one && ! is_stamped step two"
    assert run_library(lines).returncode == 0


def test_second_command_waits_for_the_first(run_library):
    # the first holds the lock for 2 s in the background
    process = run_library(
        """
        ( lock_cache; sleep 2; echo first ) &
        sleep 0.5
        lock_cache
        echo second
        """
    )
    assert process.stdout == "first\nsecond\n"
    assert "waiting" in process.stderr
