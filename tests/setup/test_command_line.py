"""What the commands say before they do anything."""

import socket

import pytest

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
