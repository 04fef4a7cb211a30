import re

from odoo import http
from odoo.http import request

from ..rest.problem import Problem
from ..rest.resource import Resource
from ..rest.route import route
from ..schemas import audit as schemas
from ..schemas.base import Filter, Id
from ..table_files import answer_file

LOG, ANCHOR = "kpi.audit.log", "kpi.audit.anchor"
PATH = "/api/kpi/audit"
SCOPE = "audit"
ENTRIES = Resource(
    f"{PATH}/entries/<kpi_id:entry_id>", schemas.AuditEntryOut, scope=SCOPE
)
ANCHORS = Resource(
    f"{PATH}/anchors/<kpi_id:anchor_id>", schemas.AuditAnchorOut, scope=SCOPE
)
DIGITS = re.compile(r"[0-9]{1,9}")


class KpiAuditApi(http.Controller):
    """The audit log, for administrators and for those who store its anchors."""

    list_audit_entries = ENTRIES.list(
        "Entries of the audit log",
        model=Filter("model"),
        res_id=Filter("res_id", kind=Id),
        event_type=Filter("event_type"),
    )
    list_audit_anchors = ANCHORS.list("Anchors, to store outside the database")

    @route(
        f"{PATH}/verify",
        scope="audit.read",
        summary="Verify that the log has not been changed",
        query=schemas.AuditVerifyQuery,
        response=schemas.AuditVerifyOut,
    )
    def verify_audit_log(self, query):
        """Of the record in “model” and “res_id”, or the entire log."""
        log = request.env[LOG]
        log.check_access("read")
        if (query.model is None) != (query.res_id is None):
            raise Problem("invalid", "model and res_id: give both or none.")
        return log._prepare_verification(query.model, query.res_id)

    @ENTRIES.part(
        "proof",
        "Proof that the latest anchor covers an entry",
        response=schemas.AuditProofOut,
    )
    def prove_audit_entry(self, entry):
        return entry._inclusion()

    @ANCHORS.part(
        "consistency",
        "Proof that the log has only grown",
        query=schemas.AuditConsistencyQuery,
        response=schemas.AuditConsistencyOut,
    )
    def prove_audit_consistency(self, anchor, query):
        """From the first “size” entries, those of an earlier anchor, to this anchor."""
        return anchor._consistency(query.size)


class KpiAuditFiles(http.Controller):
    """The log and its anchors as files, for system administrators."""

    @http.route("/kpi/audit/log", type="http", auth="user", readonly=True)
    def log(self):
        log = request.env[LOG]
        log.check_access("read")
        # Read while the cursor is open: it is closed before a stream ends.
        content = b"".join(log._export_log())
        return answer_file("audit-log.jsonl.gz", "application/gzip", content)

    @http.route("/kpi/audit/anchors", type="http", auth="user", readonly=True)
    def anchors(self, ids=""):
        wanted = [int(text) for text in ids.split(",") if DIGITS.fullmatch(text)]
        anchors = request.env[ANCHOR].search([("id", "in", wanted)] if ids else [])
        content = "".join(f"{anchor.text}\n" for anchor in reversed(anchors))
        return answer_file("audit-anchors.jsonl", "application/jsonl", content)
