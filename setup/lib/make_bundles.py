"""Run by ``odoo shell`` in a template whose copies are opened in a browser."""

import os
import sys
from pathlib import Path

# the shell reads this file from its standard input
sys.path.append(str(Path(os.environ["ODOO_BIN"]).parents[1]))

from bundles import make

# the shell has `env` among its globals, and rolls back at its end
shell_env = globals()["env"]
make(shell_env)
shell_env.cr.commit()
