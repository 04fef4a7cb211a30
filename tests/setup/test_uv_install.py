"""uv installs what pip would, from where pip would; what it cannot, pip installs."""

import pytest

from uv_install import read_settings, translate

LISTED = """:env:.cert='/etc/ssl/ours.crt'
:env:.disable-pip-version-check='1'
:env:.index-url='https://packages.example.com/simple'
global.cert='/etc/ssl/others.crt'
global.extra-index-url='file:///opt/a file:///opt/b'
global.index-url='https://pypi.example.com/simple'
install.find-links='/opt/wheels'
install.timeout='180'
"""
# an environment whose Python notes what it is told, and fails as often as it should
PYTHON = """#!/bin/bash
echo "$*" >>"$KPI_HOME/told"
case "$*" in
    *"import uv"*) exit %(has_uv)d ;;
    *only-binary*) exit %(has_wheel)d ;;
    *uv_install.py*) exit %(uv)d ;;
    *) echo "pip says why"; exit %(pip)d ;;
esac
"""
FINE, FAILS = 0, 1


def test_settings_of_pip_are_told_to_uv():
    options, variables = translate(read_settings(LISTED))
    told = list(zip(options[-10::2], options[-9::2], strict=True))
    assert told == [
        ("--cert", "/etc/ssl/ours.crt"),
        ("--extra-index-url", "file:///opt/a"),
        ("--extra-index-url", "file:///opt/b"),
        ("--find-links", "/opt/wheels"),
        ("--index-url", "https://packages.example.com/simple"),
    ]
    assert "--system-certs" in options and "--no-index" not in options
    assert variables == {"UV_HTTP_TIMEOUT": "180"}


@pytest.mark.parametrize(("value", "is_told"), [("1", True), ("false", False)])
def test_no_index_is_a_switch(value, is_told):
    options, _variables = translate(read_settings(f":env:.no-index='{value}'\n"))
    assert ("--no-index" in options) is is_told


@pytest.mark.parametrize(
    ("outcomes", "last", "status"),
    [
        ({"has_uv": FINE, "uv": FINE}, "uv_install.py --no-deps -r some.lock", 0),
        # fetched first
        ({"has_wheel": FINE, "uv": FINE}, "uv_install.py --no-deps -r some.lock", 0),
        ({"has_uv": FINE, "pip": FINE}, "--no-deps --prefer-binary -r some.lock", 0),
        # no wheel of uv for this machine
        ({"pip": FINE}, "--no-deps --prefer-binary -r some.lock", 0),
        ({"has_uv": FINE}, "--no-deps --prefer-binary -r some.lock", 1),
    ],
    ids=["uv", "fetched", "uv_fails", "no_wheel", "both_fail"],
)
def test_pip_installs_what_uv_cannot(run_library, home, outcomes, last, status):
    python = home / "python" / "bin" / "python"
    python.parent.mkdir(parents=True)
    fails = dict.fromkeys(("has_uv", "has_wheel", "uv", "pip"), FAILS)
    python.write_text(PYTHON % {**fails, **outcomes})
    python.chmod(0o755)
    process = run_library("KPI_VENV=$KPI_HOME/python; _pip_install -r some.lock")
    assert process.returncode == status
    assert (home / "told").read_text().splitlines()[-1].endswith(last)
    assert process.stdout == ("pip says why\n" if "prefer-binary" in last else "")
