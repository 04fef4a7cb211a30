"""Keys for stored secrets, on the command line."""

import sys

from odoo.cli import Command
from odoo.exceptions import UserError

from odoo.addons.kpi_base.cli.kpi_audit import open_database
from odoo.addons.kpi_base.engine.sealing import generate_key


class KpiSecret(Command):
    """Make a key for stored secrets, or seal all of them with a new one.

    generate   print a new key, for kpi_secret_keys in the server's configuration
    rotate     seal all secrets of a database with the first key; the exit status is 1
               where one cannot be read
    """

    name = "kpi_secret"

    def run(self, arguments):
        parser = self.parser
        parser.add_argument("action", choices=("generate", "rotate"))
        parser.add_argument("-d", "--database")
        parser.add_argument("-c", "--config", help="Odoo's configuration file")
        options = parser.parse_args(arguments)
        if options.action == "generate":
            sys.stdout.write(f"{generate_key()}\n")
        elif options.database:
            with open_database(options, "kpi.secret") as env:
                try:
                    count, unreadable = env["kpi.secret"]._reseal_all()
                except UserError as error:
                    sys.exit(str(error))
            sys.stdout.write(f"{count} secrets sealed with the first key\n")
            for model, res_id, name in unreadable:
                sys.stdout.write(f"cannot be read: {name} of {model} {res_id}\n")
            if unreadable:
                sys.exit(1)
        else:
            parser.error("say with -d which database")
