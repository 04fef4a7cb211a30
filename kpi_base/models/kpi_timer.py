import logging

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo import api, fields, models
from odoo.modules import module

from ..failure import failure_text
from ..repeat import repeat_late
from ..timer import ensure_timer

_logger = logging.getLogger(__name__)
NOTIFIED = "kpi_base.timer_notified"


class KpiTimer(models.AbstractModel):
    """Sweeps: each looks for what is due of its kind, and says when it is next.

    An addon adds its own::

        @api.model
        def _get_sweeps(self):
            return {**super()._get_sweeps(), "kpi.alert.event": "_sweep_escalations"}

    A sweep is a unit of work: it writes what is due by a few statements that skip rows
    others hold (``FOR UPDATE SKIP LOCKED``), and sends nothing itself. It returns the
    next moment (UTC) that something is due, the present one if more is due than it took
    up, or None.
    """

    _name = "kpi.timer"
    _description = "KPI Timer"

    @api.model
    def _get_sweeps(self):
        """Model name → method that sweeps."""
        due = dict.fromkeys(("kpi.delivery", "kpi.approval.step"), "_sweep_due")
        return {**due, "kpi.job": "_sweep_stuck"}

    @api.model
    def _get_read_committed(self):
        """Names of models whose sweeps are READ COMMITTED transactions.

        What others commit beside them does not undo their work. They lock what they act
        on before they read it; a check that was made before ``kpi.claim`` is made again
        after it.
        """
        return {"kpi.approval.step"}

    @api.model
    def _sweep(self):
        """Run all sweeps, each committed by itself; one that fails stops no other.

        :return: the earliest moment that any of them names, or None
        """
        failures = []
        found = [
            self._run_sweep(model, method, failures)
            for model, method in self._get_sweeps().items()
        ]
        self._run_sweep(self._name, "_record_failures", [], "\n".join(failures))
        return min(filter(None, found), default=None)

    @api.model
    def _run_sweep(self, model, method, failures, *arguments):
        """Run one sweep and commit it; why it failed is added to ``failures``."""
        try:
            moment = repeat_late(self.env, self._sweep_once, model, method, *arguments)
            # A sweep is complete in itself; the next must not undo it.
            self.env.cr.commit()  # pylint: disable=invalid-commit
        except Exception as error:
            if self.env.cr.connection.closed:
                raise  # by whoever closes all of this process: nothing failed
            self.env.cr.rollback()
            self.env.transaction.reset()
            _logger.exception("KPI timer: %s.%s", model, method)
            failures.append(f"{model}: {failure_text(self.env, error)}")
            return None
        return moment

    @api.model
    def _sweep_once(self, model, method, *arguments):
        connection = self.env.cr.connection
        is_new = connection.info.transaction_status == TRANSACTION_STATUS_IDLE
        if is_new and model in self._get_read_committed():
            self.env.cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        return getattr(self.env[model], method)(*arguments)

    @api.model
    def _notify(self):
        """Wake the thread when this transaction commits, once whoever asks for it."""
        at_commit = self.env.cr.precommit
        if NOTIFIED not in at_commit.data:
            at_commit.data[NOTIFIED] = True
            at_commit.add(lambda: self.env.cr.execute("NOTIFY kpi_timer"))

    @api.model
    def _cron_run(self):
        """Sweep once a minute whatever happens, and see that the thread runs."""
        self._sweep()
        if not module.current_test:
            ensure_timer(self.env.cr.dbname)

    @api.model
    def _record_failures(self, reason):
        """Write why sweeps failed, if any did and where that has changed."""
        cron = self.env.ref("kpi_base.kpi_timer_cron", raise_if_not_found=False)
        if not cron:
            return
        jobs = self.env["kpi.job"]
        last = jobs.search([("cron_id", "=", cron.id)], order="id desc", limit=1)
        is_open = last.state in ("failed", "queued")  # queued by Retry
        if not reason:
            if is_open:
                last.write({"state": "done", "finished_at": fields.Datetime.now()})
        elif not is_open:
            now = fields.Datetime.now()
            job = self.env["kpi.job"].create(
                {
                    "name": cron.name,
                    "kind": "cron",
                    "cron_id": cron.id,
                    "state": "failed",
                    "started_at": now,
                    "finished_at": now,
                    "error": reason,
                }
            )
            job._tell_failed()
        elif (last.state, last.error) != ("failed", reason):
            last.write({"state": "failed", "error": reason})
