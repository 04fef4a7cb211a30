"""The audit log on the command line, for scripts and for who has no browser."""

import sys
from contextlib import contextmanager
from pathlib import Path

import odoo
from odoo import api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config


@contextmanager
def open_database(options, model, readonly=False):
    """The environment of the superuser in the database that ``options`` name.

    :param model: that is there where the addon is installed
    """
    server = ["--no-http", "-d", options.database]
    if options.config:
        server += ["-c", options.config]
    config.parse_config(server, setup_logging=True)
    with Registry(options.database).cursor(readonly=readonly) as cr:
        env = api.Environment(cr, odoo.SUPERUSER_ID, {})
        if model not in env:
            sys.exit(f"{options.database}: KPI Tracking is not installed there")
        yield env


class KpiAudit(Command):
    """Verify or export the audit log of a database.

    verify    say what was changed; the exit status is 0 where nothing was, else 1
    export    write all entries to FILE (.jsonl.gz), to be verified elsewhere
    anchors   write all anchors to FILE, one per line
    """

    name = "kpi_audit"

    def run(self, arguments):
        parser = self.parser
        parser.add_argument("action", choices=("verify", "export", "anchors"))
        parser.add_argument("-d", "--database", required=True)
        parser.add_argument("-c", "--config", help="Odoo's configuration file")
        parser.add_argument("--anchors", type=Path, help="anchors kept elsewhere")
        parser.add_argument("--file", type=Path, help="what is written")
        options = parser.parse_args(arguments)
        if options.action != "verify" and not options.file:
            parser.error("say with --file where to write")
        with open_database(options, "kpi.audit.log", readonly=True) as env:
            getattr(self, f"_{options.action}")(env, options)

    def _verify(self, env, options):
        log, texts = env["kpi.audit.log"], []
        if options.anchors:
            lines = options.anchors.read_text("utf-8").splitlines()
            texts = [line for line in lines if line.strip()]
        try:
            faults = log._verify(anchor_texts=texts)
        except ValueError as error:  # a line is no anchor
            sys.exit(f"{options.anchors}: {error}")
        lines = [log._fault_text(fault) for fault in faults]
        lines.append(f"{log.search_count([])} entries, {len(faults)} faults")
        sys.stdout.writelines(f"{line}\n" for line in lines)
        if faults:
            sys.exit(1)

    def _export(self, env, options):
        with options.file.open("wb") as file:
            file.writelines(env["kpi.audit.log"]._export_log())

    def _anchors(self, env, options):
        anchors = env["kpi.audit.anchor"].search([], order="size, id")
        text = "".join(f"{anchor.text}\n" for anchor in anchors)
        options.file.write_text(text, "utf-8")
