"""What the commands say before they do anything."""

import shutil
import socket
import subprocess
from configparser import RawConfigParser

import pytest

from addons import ROOT

COMMANDS = ["serve", "test", "odoo", "mutants", "screenshots"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_says_how_to_call_the_command_and_makes_nothing(
    run, home, command, option
):
    process = run(command, option)
    assert process.returncode == 0
    assert f"setup/{command}" in process.stdout
    assert "#" not in process.stdout
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "abc"], ["--port", "abc"]),
        (["--port"], ["--port"]),
        (["--port", "70000"], ["--port", "70000"]),
        (["--db", "Kpi; drop"], ["--db"]),
        (["--workers", "-1"], ["--workers"]),
        (["--prot", "1"], ["--prot", "--help"]),
    ],
)
def test_serve_refuses_what_it_does_not_understand(
    run, home, assert_one_sentence, arguments, words
):
    assert_one_sentence(run("serve", *arguments), *words)
    assert not home.exists()


def test_serve_names_a_busy_port_before_it_makes_anything(
    run, home, assert_one_sentence
):
    with socket.socket() as other_program:
        other_program.bind(("127.0.0.1", 0))
        other_program.listen()
        port = str(other_program.getsockname()[1])
        assert_one_sentence(run("serve", "--port", port), port, "in use", "--port")
    assert not home.exists()


def test_language_and_time_zone_of_the_machine_reach_no_command(run_library):
    """They tell a full disk by its English name, and a day by Odoo's clock."""
    machine = {"LC_ALL": None, "LANG": "de_DE.UTF-8", "LANGUAGE": "de:en"}
    lines = 'printf "%s|" "$LC_ALL" "${LANGUAGE-}" "$(date +%Z)"'
    process = run_library(lines, TZ="Pacific/Auckland", **machine)
    assert process.stdout == "C.UTF-8||UTC|", process.stderr


def test_a_tree_lies_behind_a_link_in_a_path_with_a_space_and_an_umlaut(
    tmp_path, run_library, home
):
    tree, link = tmp_path / "my kpi clön" / "tree", tmp_path / "a link"
    shutil.copytree(ROOT / "setup", tree / "setup")
    link.symlink_to(tree)
    process = subprocess.run(
        [link / "setup/serve", "--port", "abc"], capture_output=True, text=True
    )
    assert process.stderr == "\nserve: --port needs a value such as 8070, not 'abc'.\n"

    lines = """
        . "$LINK/setup/lib/common.sh"
        open_cache
        KPI_STATE=$KPI_HOME KPI_ODOO_ADDONS=
        write_odoo_config
        python3 "$KPI_SETUP/lib/ports.py" 1 || echo "$ODOO_RC"
    """
    process = run_library(lines, LINK=link, LC_ALL="C")
    assert process.returncode == 0, process.stderr
    options = RawConfigParser()
    (file,) = home.glob("odoo-*.conf")
    options.read(file, encoding="utf-8")
    assert options["options"]["addons_path"] == str(tree)
