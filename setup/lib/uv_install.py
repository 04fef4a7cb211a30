"""``uv_install.py ARGUMENT…``: ``uv pip install`` with the settings of pip.

uv reads none of them: a company's index and certificate, a folder of wheels, a proxy.
"""

import os
import re
import subprocess
import sys

# "global.find-links='/opt/wheels'", ":env:.cert='/etc/ssl/ca.crt'"
SETTING = re.compile(r"(:env:|global|install)\.([a-z-]+)='(.*)'")
# the last one counts
SECTIONS = ("global", "install", ":env:")
OPTIONS = {
    "cert": "--cert",
    "extra-index-url": "--extra-index-url",
    "find-links": "--find-links",
    "index-url": "--index-url",
    "trusted-host": "--allow-insecure-host",
}
VARIABLES = {
    "default-timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
}


def read_settings(listed: str) -> dict[str, str]:
    """What holds of the lines of ``pip config list``, by the name of the option."""
    found = [match.groups() for match in SETTING.finditer(listed)]
    found.sort(key=lambda setting: SECTIONS.index(setting[0]))
    return {name: value for _section, name, value in found}


def translate(settings: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """The options and the variables by which uv is told the same."""
    # as pip does: certificates of the system, the newest version of any index
    options = ["--system-certs", "--index-strategy", "unsafe-best-match"]
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        options.append("--no-index")
    for name, option in OPTIONS.items():
        for value in settings.get(name, "").split():
            options += [option, value]
    variables = {
        variable: settings[name]
        for name, variable in VARIABLES.items()
        if name in settings
    }
    return options, variables


def main(arguments: list[str]) -> None:
    from uv import find_uv_bin

    pip = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(pip, capture_output=True, text=True, check=True).stdout
    options, variables = translate(read_settings(listed))
    command = [find_uv_bin(), "pip", "install", "--quiet", "--python", sys.executable]
    os.execve(command[0], command + options + arguments, os.environ | variables)


if __name__ == "__main__":
    main(sys.argv[1:])
