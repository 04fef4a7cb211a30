"""``python _child.py GROUP:FUNCTION DATABASE``: memory of a function, as JSON.

Prints the resident MiB before the function and the peak during it. A new process,
because the peak of a process includes all it did before.
"""

import importlib
import json
import re
import sys
from pathlib import Path

from _odoo import environment, load_odoo

STATUS = Path("/proc/self/status")
KIB_PER_MIB = 1024


def _resident_mib(name: str) -> float:
    match = re.search(rf"^{name}:\s*(\d+) kB", STATUS.read_text(), re.MULTILINE)
    return int(match[1]) / KIB_PER_MIB


def main(name: str, database: str) -> None:
    group, _separator, function = name.partition(":")
    load_odoo()
    function = getattr(importlib.import_module(group), function)
    with environment(database) as env:
        before = _resident_mib("VmRSS")
        # 5 sets the peak to what is resident now
        Path("/proc/self/clear_refs").write_text("5")
        function(env)
        print(json.dumps([before, _resident_mib("VmHWM")]))


if __name__ == "__main__":
    main(*sys.argv[1:])
