"""Odoo's command line as a file, in a folder without other modules.

With ``--workers`` and ``--dev=reload`` Odoo starts itself again by the name of the
file it runs from; that of ``python -m odoo`` is one inside its package.
"""

import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
