import base64
import logging
import threading
import time
from pathlib import PurePath

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.tabular import (
    TabularError,
    write_csv,
    write_merged,
    write_xlsx,
)
from ...failure import failure_text
from ...repeat import ATTEMPTS, LATE, repeat_late
from ..record.session_lock import session_lock
from .import_run import ImportRun, TooManyRefused

_logger = logging.getLogger(__name__)
LOCK_SPACE = 1_262_570_838  # of imports; jobs have the number before

COUNTS = ("added_count", "changed_count", "equal_count", "created_text")
# Odoo ends a process whose cron takes 60 seconds of the processor or 120 in all.
SLICE_SECONDS = 20  # after reading; then another run goes on
MOST_INTERRUPTED = 3  # runs


class Stopped(Exception):
    """Raised where somebody asked the import to stop."""


class Paused(Exception):
    """Raised where another run is to go on; has what it begins with."""


class KpiImport(models.Model):
    """Checking and importing: read and stage everything, then write it in parts.

    Nothing is written before all rows have been looked at, so that “nothing unless all
    rows are good” is one transaction, and a stop while reading leaves no trace.
    """

    _inherit = "kpi.import"

    @api.model
    def _trigger(self):
        # Crons are the administrators'; waking this one only makes it look earlier.
        self.env.ref("kpi_base.kpi_import_cron").sudo()._trigger()

    @api.model
    def _cron_run(self):
        """Run what waits, oldest first; one left running by a crash starts again.

        A wake of its own for what is left: Odoo repeats a cron that has more to do at
        once, and all repetitions together must keep to the limits of a process.
        """
        repeat_late(self.env, self._resume_abandoned)
        waiting = self.search([("state", "=", "queued")], order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        for job in waiting:
            # Said before the work: Odoo leaves out a cron that was killed three times
            # before it did anything, and it is for us to say so then.
            self.env["ir.cron"]._commit_progress(1)
            with session_lock(self.env.cr, LOCK_SPACE, job.id) as is_ours:
                if not is_ours:
                    continue
                user = job.create_uid
                # Not more rights but fewer: the cron runs as superuser.
                job.with_user(user).with_context(
                    allowed_company_ids=user.company_ids.ids, lang=user.lang
                )._run(is_background=True)
            if not self.env["ir.cron"]._commit_progress():
                break
        if self.search_count([("state", "=", "queued")], limit=1):
            self._trigger()
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _resume_abandoned(self):
        for job in self.search([("state", "=", "running")]):
            with session_lock(self.env.cr, LOCK_SPACE, job.id) as is_ours:
                if is_ours:
                    job.state = "queued"
                    job.interrupted_count += 1
                if is_ours and job.interrupted_count == MOST_INTERRUPTED:
                    job.state = "failed"
                    job.error = job.with_context(lang=job.create_uid.lang).env._(
                        "The import was interrupted %(count)s times, last at row "
                        "%(row)s. Import smaller files, or ask your administrator "
                        "to raise the server's limits (limit_time_cpu, "
                        "limit_time_real_cron, memory).",
                        count=job.interrupted_count,
                        row=job.step_done_count,
                    )

    def _run(self, is_background=False):
        """Check or import; what went wrong is stored on the record."""
        if not is_background:
            self._note_begin(is_background)
            self._note_end(is_background, self._try_at_once())
            return
        try:
            repeat_late(self.env, self._note_begin, is_background)
            outcome = self._try_background()
        except Stopped:
            outcome = {"state": "cancelled"}
        repeat_late(self.env, self._note_end, is_background, outcome)

    def _note_begin(self, is_background):
        self._progress(
            is_background,
            state="running",
            started_at=(self.checkpoint and self.started_at) or fields.Datetime.now(),
            phase="reading",
            step_done_count=0,
        )

    def _note_end(self, is_background, outcome):
        self._progress(is_background, finished_at=fields.Datetime.now(), **outcome)

    def _try_at_once(self):
        """Run within a request: a failure leaves nothing, and Odoo reports a bug."""
        for is_tried in (False, True):
            try:
                with self.env.cr.savepoint():
                    return self._run_parts(is_background=False, is_tried=is_tried)
            except (TabularError, UserError) as error:
                if is_tried or isinstance(error, TabularError):
                    return self._describe_failure(error)

    def _try_background(self):
        """Run as a job: parts written before a failure stay; late writers try again."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                # Parts are committed before it is known which row is refused.
                return self._run_parts(is_background=True, is_tried=True)
            except Exception as error:
                self.env.cr.rollback()
                if attempt == ATTEMPTS or not isinstance(error, LATE):
                    return self._describe_failure(error)

    def _describe_failure(self, error):
        """What is stored of a run that ended with an error, was stopped or paused."""
        if isinstance(error, Stopped):
            return {"state": "cancelled"}
        if isinstance(error, Paused):
            values = {"state": "queued", "interrupted_count": 0}
            return {**values, "checkpoint": error.args[0]}
        if isinstance(error, LATE):
            reason = self.env._("Someone else changed the same values. Import again.")
        elif isinstance(error, TabularError):
            reason = error.translate_with(self.env._)
        elif isinstance(error, UserError):
            reason = str(error)
        else:
            # Recorded for whoever asked, and for the administrator.
            _logger.exception("KPI import %s failed", self.id)
            reason = failure_text(self.env, error)
        return {"state": "failed", "error": reason}

    def _run_parts(self, is_background, is_tried):
        """Read and stage, count, write; the values that say what came of it.

        Most files have no row that the records refuse: an import in one transaction
        tries the rows before anything is written only once it has met one.
        """
        target = self._target().with_context(tracking_disable=True)
        run = ImportRun(self.with_context(tracking_disable=True))
        target._create_staging()
        try:
            for batch in run.batches():
                target._stage(run, batch)
                self._progress(is_background, step_done_count=run.row_count)
            target._refuse_duplicates(run)
            target._drop_refused(run)
            run.ends_at = time.monotonic() + SLICE_SECONDS
            run.refused_unread = set(run.refusals)
            if self.is_check or is_tried:
                self._try_rows(run, target, is_background)
        except TooManyRefused:
            return self._too_many(run)
        target._drop_refused(run)
        outcome = self._outcome(run, target)
        if self.is_check:
            return {**outcome, "state": "checked"}
        if run.refusals and self.policy == "all":
            reason = self.env._("Import stopped: some rows have errors.")
            return {**outcome, "state": "failed", "error": reason}
        # Parts are committed unless it is all or nothing.
        in_parts = is_background and self.policy == "good"
        if in_parts:
            counts = {name: outcome[name] for name in COUNTS}
            self._progress(
                in_parts, counts_before=counts, phase="importing", step_done_count=0
            )
        self._store_parts(run, target, in_parts)
        return {
            **outcome,
            "state": "done",
            # What is imported is not mended any more.
            "check_page": {
                **outcome["check_page"],
                **dict.fromkeys(("fixes", "unknown", "mapped"), ()),
            },
            "imported_ids": target._find_imported_ids(run),
        }

    def _try_rows(self, run, target, is_background):
        """Refuse what the records refuse, from where an earlier run had come to."""
        for number, reason in run.checkpoint["refused"]:
            run.refuse(number, reason)
        for row in target._refuse_unwritable(run, run.checkpoint["row"]):
            self._progress(is_background, phase="checking", step_done_count=row)
            if is_background:
                self._pause_late(run, row=row)

    def _store_parts(self, run, target, in_parts):
        """Write what is staged; what an earlier run wrote is found to be equal."""
        written = 0
        for part, count in enumerate(target._store(run), start=1):
            written += count or 0
            self._progress(in_parts, step_done_count=min(written, run.row_count))
            # Each run comes further than the one before, however slow it is.
            if in_parts and part > run.checkpoint["parts"]:
                self._pause_late(run, parts=part)

    def _pause_late(self, run, **reached):
        """
        :raises Paused: the time of a run is over
        """
        run.checkpoint |= reached
        if time.monotonic() >= run.ends_at:
            refused = run.refusals.items()
            tried = [one for one in refused if one[0] not in run.refused_unread]
            raise Paused({**run.checkpoint, "refused": tried})

    def _outcome(self, run, target):
        content = self._build_refused_file(run)
        stem = PurePath(self.file_name or "file").stem
        extension = "csv" if run.table.is_text else "xlsx"
        # What a run that starts anew finds written by itself is no value as before.
        counts = self.counts_before
        if not counts:
            found = (*target._counts(run), target._build_created_text(run))
            counts = dict(zip(COUNTS, found, strict=True))
        return {
            **counts,
            "step_count": run.row_count,
            "step_done_count": run.row_count,
            "empty_count": run.empty_count,
            "totals_count": len(run.totals),
            "refused_file": content and base64.b64encode(content),
            "refused_file_name": f"{stem} - refused rows.{extension}",
            **self._prepare_check_values(run, *target._find_staged_ranges()),
        }

    def _too_many(self, run):
        reason = self.env._(
            "Import stopped: more than %(count)s rows have errors. The first is "
            "row %(row)s: %(reason)s",
            count=len(run.refusals) - 1,
            row=min(run.refusals),
            reason=run.refusals[min(run.refusals)],
        )
        page = self._prepare_check_values(run, [], 0)
        return {**page, "state": "failed", "error": reason}

    def _build_refused_file(self, run):
        """The refused rows in the format of the file, with reasons; False if none."""
        reasons = dict(run.refusals)
        for number in run.totals:
            reasons[number] = self.env._("Totals row: not imported.")
        if not reasons:
            return False
        titles, own = list(run.header.titles), [self.env._("Row"), self.env._("Reason")]
        width = count = len(titles)
        if titles[-2:] == own:  # a file of refused rows, which has them from before
            width -= 2
        numbers = {each.index for each in run.reader.columns if each.kind == "number"}
        rows = [[*titles[:width], *own]]
        for row in run.rows():
            if reason := reasons.get(row.number):
                found = [
                    write_merged(cell, is_number=place in numbers)
                    for place, cell in enumerate(row.cells)
                ]
                cells = [*found[:width], *[None] * (width - len(found))]
                rows.append([*cells, row.number, reason, *found[count:]])
        if run.table.is_text:
            return write_csv(rows, delimiter=run.table.delimiter)
        return write_xlsx(rows)

    def _progress(self, commits, **values):
        """Write how far it is; commit and look whether to stop where it may."""
        # The state is the engine's to write; who may run the import was checked.
        self.sudo().write(values)
        self._note_alive()
        if not commits:
            return
        self.env["ir.cron"]._commit_progress()
        self.invalidate_recordset(["is_cancel_requested"])
        if self.is_cancel_requested and values.get("state") in (None, "running"):
            raise Stopped

    @api.model
    def _note_alive(self):
        """Begin Odoo's limit of real time for crons anew, as targets do as well.

        Run in threads, Odoo restarts a cron that takes longer: from the first row.
        """
        thread = threading.current_thread()
        if getattr(thread, "type", None) == "cron" and thread.start_time:
            thread.start_time = time.time()
