import re

from odoo import http
from odoo.http import request

from ..rest.problem import Problem
from ..rest.route import route
from ..rest.rows import find_record, read_page
from ..schemas.audit import (
    AuditAnchorsQuery,
    AuditConsistencyOut,
    AuditConsistencyQuery,
    AuditEntriesQuery,
    AuditProofOut,
    AuditVerifyOut,
    AuditVerifyQuery,
)

LOG, ANCHOR = "kpi.audit.log", "kpi.audit.anchor"
PATH = "/api/kpi/audit"
SCOPE = "audit.read"
DIGITS = re.compile(r"[0-9]{1,9}")


class KpiAuditApi(http.Controller):
    """The audit log, for administrators and for those who store its anchors."""

    @route(
        f"{PATH}/entries",
        scope=SCOPE,
        summary="Entries of the audit log",
        query=AuditEntriesQuery,
    )
    def list_audit_entries(self, query):
        return read_page(LOG, query)

    @route(
        f"{PATH}/anchors",
        scope=SCOPE,
        summary="Anchors, to store outside the database",
        query=AuditAnchorsQuery,
    )
    def list_audit_anchors(self, query):
        return read_page(ANCHOR, query)

    @route(
        f"{PATH}/verify",
        scope=SCOPE,
        summary="Verify that the log has not been changed",
        query=AuditVerifyQuery,
        response=AuditVerifyOut,
    )
    def verify_audit_log(self, query):
        """Of one record where “model” and “res_id” name it, else the entire log."""
        log = request.env[LOG]
        log.check_access("read")
        if (query.model is None) != (query.res_id is None):
            raise Problem("invalid", "model and res_id: give both or none.")
        return log._prepare_verification(query.model, query.res_id)

    @route(
        f"{PATH}/entries/<kpi_id:entry_id>/proof",
        scope=SCOPE,
        summary="Proof that the latest anchor covers an entry",
        response=AuditProofOut,
    )
    def prove_audit_entry(self, entry_id):
        return find_record(LOG, entry_id)._inclusion()

    @route(
        f"{PATH}/anchors/<kpi_id:anchor_id>/consistency",
        scope=SCOPE,
        summary="Proof that the log has only grown",
        query=AuditConsistencyQuery,
        response=AuditConsistencyOut,
    )
    def prove_audit_consistency(self, anchor_id, query):
        """From the first “size” entries, those of an earlier anchor, to this anchor."""
        return find_record(ANCHOR, anchor_id)._consistency(query.size)


class KpiAuditFiles(http.Controller):
    """The log and its anchors as files, for system administrators."""

    @http.route("/kpi/audit/log", type="http", auth="user", readonly=True)
    def log(self):
        log = request.env[LOG]
        log.check_access("read")
        return _download(log._export_log(), "audit-log.jsonl.gz", "application/gzip")

    @http.route("/kpi/audit/anchors", type="http", auth="user", readonly=True)
    def anchors(self, ids=""):
        wanted = [int(text) for text in ids.split(",") if DIGITS.fullmatch(text)]
        anchors = request.env[ANCHOR].search([("id", "in", wanted)] if ids else [])
        lines = (f"{anchor.text}\n".encode() for anchor in reversed(anchors))
        return _download(lines, "audit-anchors.jsonl", "application/jsonl")


def _download(parts, name, mimetype):
    # Read while the cursor is open: it is closed before a stream ends.
    return request.make_response(
        b"".join(parts),
        [
            ("Content-Type", mimetype),
            ("Content-Disposition", http.content_disposition(name)),
        ],
    )
