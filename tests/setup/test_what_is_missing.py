"""A missing tool, right or network gives one sentence with the remedy."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from check_postgres import check_version
from databases import DatabaseError

KPI_HOME = os.environ.get("KPI_HOME")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# nothing listens on port 9 of this machine
NOWHERE = "http://127.0.0.1:9"


def write_program(folder, name, text):
    """Puts a shell script in front of the machine's program of that name."""
    program = folder / name
    program.unlink(missing_ok=True)
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)


def test_no_apt(run_library, bin_without, assert_one_sentence):
    path = bin_without("apt-get")
    process = run_library("need_packages tool-of-ours; install_packages", PATH=path)
    assert_one_sentence(process, "tool-of-ours", "no apt-get")


def test_no_root_and_no_sudo(run_library, bin_without, assert_one_sentence):
    path = bin_without("sudo", "id")
    write_program(path, "id", '[ "$1" != -u ] || echo 1000')
    process = run_library("need_packages tool-of-ours; install_packages", PATH=path)
    assert_one_sentence(process, "tool-of-ours", "apt-get install", "sudo")


def test_no_right_to_use_sudo(run_library, bin_without, assert_one_sentence):
    path = bin_without("sudo", "id")
    write_program(path, "id", '[ "$1" != -u ] || echo 1000')
    write_program(path, "sudo", "exit 1")
    process = run_library("need_packages tool-of-ours; install_packages", PATH=path)
    assert_one_sentence(process, "sudo refuses", "apt-get install tool-of-ours")


def test_python_too_old(run, bin_without, assert_one_sentence):
    path = bin_without("python3")
    write_program(path, "python3", "exit 1")
    write_program(path, "apt-get", "exit 1")
    process = run("odoo", PATH=path, PYTHON="python3")
    assert_one_sentence(process, "PYTHON=python3", "3.10")


@pytest.mark.parametrize("has_odoo", [True, False])
def test_python_on_path_is_chosen_where_it_has_odoo(run_library, tmp_path, has_odoo):
    """Else the system's: those that version managers build are slower."""
    if subprocess.run(["/usr/bin/python3", "-c", "import ensurepip"]).returncode:
        pytest.skip("the system's Python cannot make environments")
    text = f'case "$*" in *odoo) exit {int(not has_odoo)} ;; esac\nexit 0'
    write_program(tmp_path, "python3", text)
    path = f"{tmp_path}:{os.environ['PATH']}"
    process = run_library('unset PYTHON; find_python; echo "$KPI_PYTHON"', PATH=path)
    python = tmp_path / "python3" if has_odoo else "/usr/bin/python3"
    assert process.stdout.strip() == str(python)


def test_postgres_too_old(run_library, tmp_path, assert_one_sentence):
    write_program(tmp_path, "postgres", 'echo "postgres (PostgreSQL) 13.23"')
    process = run_library(
        f"_find_postgres() {{ KPI_PG_BIN={tmp_path}; }}; open_cache; ensure_postgres"
    )
    assert_one_sentence(process, "PostgreSQL 14", "has 13", "PGHOST")


def test_postgres_that_is_named_is_asked_for_its_version():
    if not os.environ.get("PGHOST"):
        pytest.skip("PGHOST is not set: run this with setup/test")
    check_version(14)
    with pytest.raises(DatabaseError, match="PostgreSQL 999 .*DATABASE_URL"):
        check_version(999)


def test_postgres_that_does_not_answer(run, tmp_path, assert_one_sentence):
    process = run("odoo", "--version", KPI_HOME=KPI_HOME, PGHOST=tmp_path)
    assert_one_sentence(process, "does not answer", "PGHOST")


def test_python_without_its_venv_module(run, tmp_path, assert_one_sentence):
    python = tmp_path / "python3"
    text = 'case "$2" in *ensurepip*) exit 1 ;; esac\nexec /usr/bin/python3 "$@"'
    write_program(tmp_path, "python3", text)
    assert_one_sentence(run("odoo", PYTHON=python), "venv", "PYTHON=/usr/bin/python3")


def test_no_network_for_apt(run_library, tmp_path, assert_one_sentence):
    sources = tmp_path / "sources.list"
    sources.write_text(f"deb {NOWHERE}/debian stable main\n")
    configuration = tmp_path / "apt.conf"
    configuration.write_text(
        f'Dir::Etc::SourceList "{sources}";\nDir::Etc::SourceParts "/dev/null";\n'
        f'Dir::State::Lists "{tmp_path}/lists";\nDir::Cache "{tmp_path}/cache";\n'
        'Acquire::Retries "0";\n'
    )
    process = run_library(
        """
        _apt() { apt-get -q -y -o Acquire::Retries=0 "$@"; }
        _as_root() { true; }
        open_cache
        need_packages no-such-package-of-ours
        install_packages
        """,
        APT_CONFIG=configuration,
    )
    assert_one_sentence(process, "apt", "network")


@pytest.mark.skipif(not KEYRING.exists(), reason="not a Debian: Odoo comes with git")
def test_no_network_for_debian(run_library, tmp_path, home, assert_one_sentence):
    configuration = tmp_path / "apt.conf"
    configuration.write_text(f'Acquire::http::Proxy "{NOWHERE}";\n')
    process = run_library("open_cache; _ensure_debian_odoo", APT_CONFIG=configuration)
    assert_one_sentence(process, "network", "ODOO_PATH")
    assert not (home / "odoo-debian").exists()


@pytest.mark.skipif(not shutil.which("git"), reason="no git here")
def test_no_network_for_odoo_of_git(run_library, home, assert_one_sentence):
    url = f"{NOWHERE}/odoo.git"
    process = run_library("open_cache; _ensure_git_odoo", ODOO_GIT_URL=url)
    assert_one_sentence(process, "network", "ODOO_PATH")
    assert not (home / "odoo-git").exists()


def test_no_network_for_pip(run_library, home, assert_one_sentence):
    process = run_library(
        "open_cache; find_python; KPI_ODOO_PROVIDER=path; ensure_python serve",
        PIP_INDEX_URL=NOWHERE,
        PIP_CONFIG_FILE=os.devnull,
        PIP_FIND_LINKS=None,
        PIP_TIMEOUT="1",
    )
    assert_one_sentence(process, "pip", "serve.lock", "network")
    assert "Retrying" not in process.stderr
    assert (home / "stamps" / "python-serve").read_text() == "unfinished\n"


def test_odoo_path_without_odoo(run, tmp_path, assert_one_sentence):
    assert_one_sentence(run("odoo", ODOO_PATH=tmp_path), "ODOO_PATH", "odoo/release.py")


def test_cache_folder_that_cannot_be_written(run, assert_one_sentence):
    process = run("odoo", KPI_HOME="/proc/nowhere")
    assert_one_sentence(process, "/proc/nowhere", "KPI_HOME")


@pytest.mark.parametrize("url", ["mysql://somewhere/", "not a url", "postgresql://"])
def test_database_url_of_another_kind(run_library, assert_one_sentence, url):
    process = run_library("find_python; ensure_postgres", DATABASE_URL=url)
    assert_one_sentence(process, "DATABASE_URL", "postgresql://")
