"""Owl templates as functions, for pages whose policy forbids a browser to compile text.

    python setup/lib/owl_templates.py TEMPLATES.xml... OWL.js OUT.js

Owl itself compiles them, in a headless Chromium. A test of the addon tells when the
result is older than the templates.
"""

import json
import re
import sys
from pathlib import Path

from devtools import Browser

COMPILE = """
(function (xml) {
    const app = new owl.App(owl.Component);
    const found = new DOMParser().parseFromString(xml, "text/xml");
    return [...found.querySelectorAll("[t-name]")].map((element) => {
        const name = element.getAttribute("t-name");
        return [name, app._compileTemplate(name, element).toString()];
    });
})
"""
HEAD = """\
// Made of {source} by
// setup/lib/owl_templates.py: after a change there, make it anew.
/* eslint-disable -- as Owl writes it */

// prettier-ignore
export const templates = {{
{functions}
}};
"""


def compiled(files: list[Path], owl: Path) -> list[tuple[str, str]]:
    """Name and function of each template."""
    with Browser(800, 600) as browser:
        browser.evaluate(owl.read_text())
        return [
            template
            for file in files
            for template in browser.evaluate(
                f"{COMPILE}({json.dumps(file.read_text())})"
            )
        ]


def module(files: list[Path], owl: Path) -> str:
    """A JavaScript module that exports them by their names."""
    functions = ",\n".join(
        f"{json.dumps(name)}: {function}" for name, function in compiled(files, owl)
    )
    functions = re.sub("[ \t]+$", "", functions, flags=re.MULTILINE)
    return HEAD.format(
        source=", ".join(file.name for file in files), functions=functions
    )


if __name__ == "__main__":
    *sources, library, target = map(Path, sys.argv[1:])
    target.write_text(module(sources, library))
