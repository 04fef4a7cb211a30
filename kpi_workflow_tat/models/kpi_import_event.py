from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import PurePath
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, groupby, split_every

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine.postgres import copy_line
from odoo.addons.kpi_base.engine.tabular import (
    CellError,
    TabularError,
    TargetColumn,
    TargetOption,
)
from odoo.addons.kpi_base.names import NameIndex

from ..engine.event_log import (
    is_step_title,
    judge_case,
    read_log_time,
    split_names,
)
from ..engine.xes import is_xes, open_xes

LONGEST_CASE = 200  # characters; it is a key of indexes
LARGEST_FILE = 100 * 2**20  # bytes
REQUIRED = ("case", "activity", "timestamp")
KEYS = (
    *("case", "activity", "resource", "lifecycle", "subject"),
    *("status", "approval_state", "department"),
)
ALIASES = {
    "case": (
        *("case id", "case:concept:name", "request", "ticket", "trace"),
        *("request id", "ticket id", "ticket number", "issue key"),
    ),
    "activity": ("concept:name", "event", "task", "action"),
    "timestamp": ("time:timestamp", "complete timestamp", "date", "happened at"),
    "resource": ("org:resource", "user", "person"),
    "lifecycle": ("lifecycle:transition",),
    "subject": ("case:subject", "title"),
    "department": ("case:department",),
    "status": ("case:status",),
    "approval_state": ("case:approval_state",),
}
PART = 500  # cases written at once
DECIDED = ("approved", "rejected")
QUIET = {
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "tracking_disable": True,
}
# what a log says of a request
CASE_FIELDS = (
    "subject",
    "department_id",
    "status",
    "approval_state",
    "submitted_at",
    "decided_at",
)
Event = tuple[str, datetime, str | None, str | None]


class KpiImportEvent(models.AbstractModel):
    """Event logs: one row for each event; their cases become requests.

    Cases are recognised by their number among the requests of the same template. They
    have no levels and no clocks: nobody was asked here, and nothing was promised.
    """

    _name = "kpi.import.event"
    _description = "Event Log Import"
    _inherit = ["kpi.import.target"]
    _staging = {
        "case_ref": "text",
        "activity": "text",
        "happened_at": "timestamp",
        "resource": "text",
        "lifecycle": "text",
        "subject": "text",
        "status": "text",
        "approval_state": "text",
        "department_id": "integer",
    }
    _staging_key = ("case_ref",)
    _key_columns = ("case",)

    @api.model
    def _note(self):
        return self.env._(
            "One row per event: case, activity and time; or one row per case, with "
            "a column for the time of each activity. XES logs (.xes, .xes.gz) are "
            "accepted too."
        )

    @api.model
    def _columns(self):
        labels = {
            "case": self.env._("Case"),
            "activity": self.env._("Activity"),
            "timestamp": self.env._("Time"),
            "resource": self.env._("Done by"),
            "lifecycle": self.env._("Transition"),
            "subject": self.env._("Subject"),
            "department": self.env._("Department"),
            "status": self.env._("Status"),
            "approval_state": self.env._("Approval"),
        }
        return [
            TargetColumn(
                key,
                label,
                is_required=key in REQUIRED,
                aliases=ALIASES[key],
                named_by="activity" if key == "timestamp" else "",
            )
            for key, label in labels.items()
        ]

    @api.model
    def _is_named_by_titles(self, job, titles):
        return len(titles) > 1 and "activity" not in job.column_ids.mapped("key")

    @api.model
    def _find_named_titles(self, job, titles, keys):
        """Those of ``titles`` that name the time of a usual step of a ticket."""
        found = {title: title for title in titles if is_step_title(title)}
        return found if len(found) > 1 and "activity" not in keys else {}

    @api.model
    def _options(self, job):
        found = self.env["kpi.approval.workflow"].search(
            Domain("workflow_type", "=", "request_template")
            & Domain("company_id", "in", [False, job.company_id.id])
        )
        named = self.env._("New template named after the file")
        return [
            TargetOption(
                "template_id",
                self.env._("Request Template"),
                "choice",
                default=0,
                choices=[(0, named), *((one.id, one.display_name) for one in found)],
                help=self.env._(
                    "Groups cases in reports. Cases with the same number and "
                    "template are updated."
                ),
            ),
            TargetOption(
                "approving",
                self.env._("Completing Activities"),
                "text",
                help=self.env._(
                    "Activities that approve a case; other cases stay open. "
                    "Separate with semicolons. Leave empty to approve all "
                    "non-rejected cases."
                ),
            ),
            TargetOption(
                "rejecting",
                self.env._("Rejecting Activities"),
                "text",
                help=self.env._(
                    "Cases are rejected if one of these is the last decision. "
                    "Separate with semicolons."
                ),
            ),
        ]

    @api.model
    def _find_template(self, job):
        """The template of imported cases; empty where it is still to be made."""
        chosen = job._get_options()["template_id"]
        # Templates that are archived are read here, and no other ones.
        templates = self.env["kpi.approval.workflow"].sudo()
        if chosen:
            return templates.browse(chosen)
        return templates.with_context(active_test=False).search(
            [
                ("name", "=", self._get_log_name(job)),
                ("workflow_type", "=", "request_template"),
                ("company_id", "=", job.company_id.id),
                ("active", "=", False),
            ],
            limit=1,
        )

    @api.model
    def _get_log_name(self, job):
        name = PurePath(job.file_name or "").name
        for suffix in (".gz", ".xes", ".csv", ".tsv", ".txt", ".xlsx"):
            name = name.removesuffix(suffix)
        return name or self.env._("Event log")

    @api.model
    def _build_staging_rows(self, run, entries):
        zone = ZoneInfo(self.env.user.tz or "UTC")
        now = fields.Datetime.now()
        departments = self._find_departments(run, entries)
        has_columns = any(column.given for column in run.reader.columns)
        rows, before = [], None
        for entry in entries:
            moment = self._read_moment(run, entry, zone, now)
            if has_columns:
                if before and before[0].number != entry.number:
                    before = None
                self._check_order(run, before, entry, moment)
                before = (entry, moment) if moment else before
            case, activity, resource, lifecycle, *of_case, department = map(
                entry.values.get, KEYS
            )
            if department and department not in departments:
                reason = self.env._("Department “%s” not found.", department)
                run.refuse_unknown(entry.number, reason, "department", department)
            if case and len(case) > LONGEST_CASE:
                reason = self.env._(
                    "The case has %(count)s characters; the maximum is %(most)s.",
                    count=len(case),
                    most=LONGEST_CASE,
                )
                run.refuse(entry.number, reason, ("case",))
                case = None
            event = (case, activity, moment, resource, lifecycle, *of_case)
            rows.append((entry.number, *event, departments.get(department)))
        return rows

    @api.model
    def _read_moment(self, run, entry, zone, now):
        """When an event happened; None where its row is refused."""
        missing = [key for key in REQUIRED if key not in entry.values]
        if missing:
            labels = {column.key: column.label for column in self._columns()}
            for key in missing:
                reason = self.env._("“%s” is missing.", labels[key])
                run.refuse(entry.number, reason, (key,))
            return None
        try:
            moment = read_log_time(entry.values["timestamp"], zone)
        except CellError as error:
            reason = error.translate_with(lambda text: self.env._(text))
            run.refuse(entry.number, reason, ("timestamp",), entry.values)
            return None
        if moment > now:
            reason = self.env._("The event is in the future.")
            run.refuse(entry.number, reason, ("timestamp",), entry.values)
        return moment

    @api.model
    def _check_order(self, run, before, entry, moment):
        """Refuse a row whose time in a column lies before that in an earlier column.

        :param before: the last event of the row before this one, and its time; or None
        """
        if not before or not moment or moment >= before[1]:
            return
        reason = self.env._(
            "“%(activity)s” (%(time)s) is before “%(before)s” (%(earlier)s).",
            activity=entry.values["activity"],
            time=entry.values["timestamp"],
            before=before[0].values["activity"],
            earlier=before[0].values["timestamp"],
        )
        run.refuse(entry.number, reason, ("timestamp",), entry.values)

    @api.model
    def _make_names(self, job, key):
        if key != "department":
            return None
        own = Domain("company_id", "in", [False, job.company_id.id])
        names = ("name", "complete_name")
        departments = self.env["hr.department"]
        return NameIndex(departments, names, "complete_name", own), bool

    @api.model
    def _find_departments(self, run, entries):
        """Name, with or without those above it → id, of the company's departments."""
        departments = self.env["hr.department"]
        found = {}
        for name, ids in self._find_named_ids(run, entries, "department").items():
            same = departments.browse(ids)  # the first of a name, if none is called so
            whole = same.filtered(lambda one, name=name: one.complete_name == name)
            found[name] = (whole or same)[:1].id
        return found

    @api.model
    def _stage(self, run, entries):
        """Stage rows that are refused, too: they take along the rest of their case."""
        rows = self._build_staging_rows(run, entries)
        lines = [copy_line(row) for row in rows if row[1] is not None]
        self.env.cr._obj.copy_expert(
            f"COPY {self._staging_table} FROM STDIN", StringIO("".join(lines))
        )

    @api.model
    def _refuse_duplicates(self, run):
        """Refuse incomplete cases; events that are equal are so many events."""
        staging = SQL.identifier(self._staging_table)
        self.env.cr.execute(SQL("CREATE INDEX ON %s (case_ref)", staging))
        self.env.cr.execute(SQL("ANALYZE %s", staging))
        refused = list(run.refusals)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT number, case_ref
                  FROM %(staging)s
                 WHERE case_ref IN (
                        SELECT case_ref
                          FROM %(staging)s
                         WHERE number = ANY(%(refused)s))
                   AND number <> ALL(%(refused)s)
                """,
                staging=staging,
                refused=refused,
            )
        )
        for number, case in rows:
            reason = self.env._("Another row of case “%s” has an error.", case)
            run.refuse(number, reason, self._key_columns)

    @api.model
    def _list_parts(self, run):
        """The staged cases, some hundred at a time, in the order of the file."""
        refs = self.env.execute_query(
            SQL(
                "SELECT case_ref FROM %s GROUP BY case_ref ORDER BY min(number)",
                SQL.identifier(self._staging_table),
            )
        )
        for part in split_every(PART, [ref for (ref,) in refs], list):
            run.job._note_alive()
            yield self._read_cases(run, part)

    @api.model
    def _read_cases(self, run, refs):
        """The cases of these numbers; events of one moment in the order of the file.

        Those of one row are staged in the order of its columns.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT case_ref, activity, happened_at, resource, lifecycle, subject,
                       status, approval_state, department_id
                  FROM %s
                 WHERE case_ref = ANY(%s)
              ORDER BY case_ref, happened_at, number, ctid
                """,
                SQL.identifier(self._staging_table),
                refs,
            )
        )
        # Cases without a subject have that of their template, whatever the file's name.
        subject = self._find_template(run.job).name or self._get_log_name(run.job)
        deciding = [split_names(run.options[key]) for key in ("approving", "rejecting")]
        # A log that we wrote says itself what became of each case.
        statuses, states = (
            self.env["kpi.tat.request"]._fields[name].get_values(self.env)
            for name in ("status", "approval_state")
        )
        found = {}
        for ref, own in groupby(rows, key=lambda row: row[0]):
            events = [row[1:5] for row in own]
            said = [
                next((cell for cell in cells[::-1] if cell), None)
                for cells in list(zip(*own, strict=True))[5:]
            ]
            status, state = said[1:3]
            if any(deciding) or status not in statuses or state not in states:
                status = judge_case([row[1].casefold() for row in own], *deciding)
                state = status
            begun, ended = events[0][1], events[-1][1]
            values = {
                "subject": said[0] or subject,
                "department_id": said[3],
                "status": status,
                "approval_state": state,
                "submitted_at": begun.replace(microsecond=0),
                "decided_at": ended.replace(microsecond=0)
                if status == "withdrawn" or state in DECIDED
                else None,
            }
            found[ref] = Case(ref, values, events)
        return [found[ref] for ref in refs]

    @api.model
    def _find_known(self, run, cases):
        """Number → id, values and events of those of the cases that are there."""
        template = self._find_template(run.job)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT number, id, %(columns)s
                  FROM workflow_requests
                 WHERE company_id = %(company)s
                   AND template_id = %(template)s
                   AND is_imported
                   AND number = ANY(%(numbers)s)
                """,
                columns=SQL(", ").join(map(SQL.identifier, CASE_FIELDS)),
                company=run.job.company_id.id,
                template=template.id or None,
                numbers=[case.number for case in cases],
            )
        )
        events = self._read_known_events([row[1] for row in rows])
        return {
            number: (
                request_id,
                dict(zip(CASE_FIELDS, values, strict=True)),
                events.get(request_id, []),
            )
            for number, request_id, *values in rows
        }

    @api.model
    def _read_known_events(self, ids):
        """Id of a request → its events, in their order."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT request_id, activity, happened_at, resource, lifecycle
                  FROM kpi_tat_event
                 WHERE request_id = ANY(%s)
              ORDER BY request_id, place
                """,
                ids,
            )
        )
        grouped = groupby(rows, key=lambda row: row[0])
        return {request_id: [row[1:] for row in own] for request_id, own in grouped}

    @api.model
    def _counts(self, run):
        added = changed = total = 0
        for cases, new, differing in self._compare(run):
            added, changed = added + len(new), changed + len(differing)
            total += len(cases)
        return added, changed, total - added - changed

    @api.model
    def _compare(self, run):
        """The cases of each part; those that are new, and (id, case) of changed ones"""
        for cases in self._list_parts(run):
            known = self._find_known(run, cases)
            yield (
                cases,
                [case for case in cases if case.number not in known],
                [
                    (known[case.number][0], case)
                    for case in cases
                    if case.number in known
                    and known[case.number][1:] != (case.values, case.events)
                ],
            )

    @api.model
    def _describe_added(self, count):
        return self.env._("New cases: %s", count)

    @api.model
    def _name_records(self, run, entries):
        numbers = {entry.values.get("case") for entry in entries} - {None}
        cases = [Case(number, {}, []) for number in numbers]
        known = self._find_known(run, cases)
        self._build_staging_rows(run, entries)
        return [
            None
            if entry.number in run.refusals
            else entry.values["case"]
            if entry.values["case"] in known
            else self.env._("New: %s", entry.values["case"])
            for entry in entries
        ]

    @api.model
    def _store(self, run):
        template = self._find_template(run.job) or self._make_template(run.job)
        yield
        common = {
            "template_id": template.id,
            "company_id": run.job.company_id.id,
            "initiator_id": self.env.uid,
            "is_imported": True,
            "source": run.job.file_name,
        }
        # Officers import; statuses and numbers are the engine's to write.
        requests = self.env["kpi.tat.request"].sudo().with_context(**QUIET)
        for _cases, new, changed in self._compare(run):
            made = requests.create(
                [
                    {
                        **common,
                        "number": case.number,
                        "subject": case.values["subject"],
                        "department_id": case.values["department_id"],
                    }
                    for case in new
                ]
            )
            self.env.flush_all()
            written = changed + list(zip(made.ids, new, strict=True))
            self._write_cases(written)
            self._write_events(written)
            yield

    @api.model
    def _make_template(self, job):
        """An archived template: it groups imported cases, and nobody can use it."""
        # Templates are the administrators'; nobody is asked by this one.
        templates = self.env["kpi.approval.workflow"].sudo()
        return templates.create(
            {
                "name": self._get_log_name(job),
                "model": "kpi.tat.request",
                "workflow_type": "request_template",
                "company_id": job.company_id.id,
                "active": False,
            }
        )

    @api.model
    def _write_cases(self, written):
        """Write what the log says in one statement: no approval sets these statuses."""
        if not written:
            return
        rows = [
            SQL("%s", (request_id, *case.values.values(), case.cycle_hours))
            for request_id, case in written
        ]
        self.env.cr.execute(
            SQL(
                """
                UPDATE workflow_requests AS request
                   SET subject = given.subject,
                       department_id = given.department_id::integer,
                       status = given.status,
                       approval_state = given.approval_state,
                       submitted_at = given.submitted_at::timestamp,
                       decided_at = given.decided_at::timestamp,
                       cycle_hours = given.cycle_hours::numeric
                  FROM (VALUES %s) AS given (
                       id, subject, department_id, status, approval_state,
                       submitted_at, decided_at, cycle_hours)
                 WHERE request.id = given.id
                """,
                SQL(", ").join(rows),
            )
        )
        self.env["kpi.tat.request"].invalidate_model()

    @api.model
    def _write_events(self, written):
        """Write the events of these cases, instead of those that were there."""
        ids = [request_id for request_id, _case in written]
        self.env.cr.execute(
            SQL("DELETE FROM kpi_tat_event WHERE request_id = ANY(%s)", ids)
        )
        lines = [
            copy_line((request_id, place, *event))
            for request_id, case in written
            for place, event in enumerate(case.events, start=1)
        ]
        self.env.cr._obj.copy_expert(
            "COPY kpi_tat_event (request_id, place, activity, happened_at, resource, "
            "lifecycle) FROM STDIN",
            StringIO("".join(lines)),
        )
        self.env["kpi.tat.event"].invalidate_model()

    @api.model
    def _find_imported_ids(self, run):
        return sorted(
            request_id
            for cases in self._list_parts(run)
            for request_id, *_rest in self._find_known(run, cases).values()
        )

    @api.model
    def _action_open(self, job):
        return open_list(
            self.env,
            "kpi_workflow_tat.kpi_tat_request_action",
            [("id", "in", job.imported_ids or [])],
            display_name=self.env._("Imported Requests"),
        )


class KpiImport(models.Model):
    """Logs in XES are read as tables of events."""

    _inherit = "kpi.import"

    def _open_table(self):
        if self.target_model != "kpi.import.event":
            return super()._open_table()
        content = self._content()
        if not is_xes(content):
            return super()._open_table()
        if len(content) > LARGEST_FILE:
            raise TabularError(
                self.env._("The log exceeds 100 MB. Compress it to .xes.gz.")
            )
        return open_xes(content, lambda text: self.env._(text))


class KpiImportOptions(models.AbstractModel):
    """Event logs come from files, too."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[("kpi.import.event", "Request Event Log")],
        ondelete={"kpi.import.event": "cascade"},
    )


@dataclass(frozen=True)
class Case:
    """A case as the file says it.

    :ivar values: of the request
    :ivar events: activity, moment, who did it and the transition, in their order
    """

    number: str
    values: dict
    events: list[Event]

    @property
    def cycle_hours(self):
        """Hours that it took; None while it is open."""
        begun, ended = self.values["submitted_at"], self.values["decided_at"]
        is_decided = self.values["approval_state"] in DECIDED
        return (ended - begun).total_seconds() / 3600 if is_decided else None
