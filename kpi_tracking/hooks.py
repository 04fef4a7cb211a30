import gzip
import json

from odoo.tools import SQL

AUDIT_BATCH = 10_000


def uninstall_hook(env):
    """Keep the audit log, and take away what is no model, and so would stay."""
    _export_audit_log(env)
    env.cr.execute(
        """
        DROP TABLE IF EXISTS kpi_source_fingerprint;
        DROP TABLE IF EXISTS kpi_api_counter, kpi_api_use, kpi_api_idempotency;
        DROP FUNCTION IF EXISTS kpi_refuse_change CASCADE;
        DROP AGGREGATE IF EXISTS kpi_audit_chain(varchar, text);
        DROP FUNCTION IF EXISTS kpi_audit_link(varchar, varchar, text)
        """
    )


def _export_audit_log(env):
    """Leave the log as a file that needs nothing of this addon to be verified."""
    log = env["kpi.audit.log"]
    total = log.search_count([])
    if not total:
        return
    content = b"".join(
        gzip.compress("".join(lines).encode()) for lines in _audit_lines(env)
    )
    env["ir.attachment"].create(
        {
            "name": f"audit-log-{total}.jsonl.gz",
            "raw": content,
            "mimetype": "application/gzip",
        }
    )


def _audit_lines(env):
    """Batches of lines, one per entry: hash, previous hash, seq and text."""
    last = 0
    while rows := env.execute_query(
        SQL(
            "SELECT id, seq, previous_hash, hash, text FROM audit_logs"
            " WHERE id > %s ORDER BY id LIMIT %s",
            last,
            AUDIT_BATCH,
        )
    ):
        last = rows[-1][0]
        names = ("seq", "previous_hash", "hash", "text")
        yield [
            json.dumps(dict(zip(names, row[1:], strict=True))) + "\n" for row in rows
        ]
