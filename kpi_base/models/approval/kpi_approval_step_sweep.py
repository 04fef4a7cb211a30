import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...apart import run_apart
from ...engine.approval.stand_in import climb, find_stand_in
from ...repeat import repeat_late
from .people import PeopleFinder

_logger = logging.getLogger(__name__)
BATCH = 500


class KpiApprovalStep(models.Model):
    """What comes by itself: managers after the timeout, others for who is not there.

    Silence never approves: it only adds people who may decide.
    """

    _inherit = "kpi.approval.step"

    @api.model
    def _sweep_due(self):
        """Ask the managers of those who let the timeout pass; when one is due next."""
        now = fields.Datetime.now()
        due = self._claim_due(now)
        run_apart(
            self.env,
            due._hold_documents(),
            lambda steps: steps._escalate(now),
            lambda step, error: step._put_off_escalation(now, error),
        )
        if len(due) == BATCH:
            return now
        self.flush_model(["due_at", "state", "escalated_at"])
        ((moment,),) = self.env.execute_query(
            SQL(
                "SELECT min(due_at) FROM kpi_approval_step"
                " WHERE state = 'asked' AND escalated_at IS NULL"
                " AND due_at IS NOT NULL AND due_at > %s",
                now,
            )
        )
        return moment

    @api.model
    def _claim_due(self, now):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id
                  FROM kpi_approval_step
                 WHERE state = 'asked'
                   AND escalated_at IS NULL
                   AND due_at <= %s
              ORDER BY due_at, id
                 LIMIT %s
            FOR UPDATE SKIP LOCKED
                """,
                now,
                BATCH,
            )
        )
        return self.browse(step_id for (step_id,) in rows)

    def _hold_documents(self):
        """Those of these steps whose documents nobody acts on at this moment."""
        held = set()
        for documents in self._get_documents():
            free = documents.try_lock_for_update(allow_referencing=True)
            free._count_turn()
            pending = free.filtered(lambda one: one.approval_state == "pending")
            held.update((one._name, one.id) for one in pending)
        return self.filtered(lambda step: (step.res_model, step.res_id) in held)

    def _escalate(self, now):
        """Let the managers of these people decide too, or the workflows' owners.

        Where nobody is there it is tried again a day later.
        """
        people = {}
        for document, workflow, finder, steps in self._around_documents():
            for step in steps:
                situation = step._build_situation(finder, document)
                barred = {step.submitter_id.id, *step._find_seated().ids}
                above = climb(
                    step.user_id.id, situation.managers, situation.there, barred
                )
                owner = workflow.owner_id.id
                if above is None and owner in situation.there and owner not in barred:
                    above = owner
                if above is not None:
                    people[step] = self.env["res.users"].browse(above)
        escalated = self.browse(step.id for step in people)
        escalated.write({"escalated_at": now})
        (self - escalated).write({"due_at": now + timedelta(days=1)})
        new = self._ask_beside(people, "escalated")
        new._log_people("escalated", lambda step: step.for_user_id)
        new._notify()
        self.env["kpi.event"]._emit("approval.escalated", new)

    def _put_off_escalation(self, now, error):
        """Try again a day later, as where nobody is there."""
        _logger.warning("Nobody else is asked for %s", self, exc_info=error)
        self.due_at = now + timedelta(days=1)

    @api.model
    def _replace_missing_soon(self):
        """Have those who went away replaced by a job right after this transaction."""
        # The job belongs to the suite, not to whoever notes an absence.
        self.env.ref("kpi_base.kpi_approval_step_cron").sudo()._trigger()

    @api.model
    def _cron_replace_missing(self):
        """Replace those who are asked and cannot decide: gone, away, delegated."""
        missing = self._find_missing()
        self.env["ir.cron"]._commit_progress(remaining=len(missing))
        for steps in missing.grouped(
            lambda step: (step.res_model, step.res_id)
        ).values():
            repeat_late(self.env, steps._replace_missing)
            if not self.env["ir.cron"]._commit_progress(len(steps)):
                break

    @api.model
    def _find_missing(self):
        """Steps of people who are archived, without the company, away or delegated."""
        away = self.env["res.users"]._kpi_find_away(fields.Datetime.now())
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT step.id
                  FROM kpi_approval_step AS step
                  JOIN res_users AS person ON person.id = step.user_id
                 WHERE step.state = 'asked'
                   AND (NOT person.active
                        OR person.id = ANY(%(away)s)
                        OR NOT EXISTS (
                             SELECT FROM res_company_users_rel AS employer
                              WHERE employer.user_id = person.id
                                AND employer.cid = step.company_id)
                           AND step.company_id IS NOT NULL
                        OR EXISTS (
                             SELECT FROM kpi_approval_delegation AS delegation
                              WHERE delegation.user_id = person.id
                                AND delegation.date_from <= %(today)s
                                AND delegation.date_to > %(today)s)
                           AND step.reason <> 'delegated')
              ORDER BY step.id
                """,
                away=away.ids,
                today=fields.Date.context_today(self),
            )
        )
        return self.browse(step_id for (step_id,) in rows)

    def _replace_missing(self):
        """Ask others in place of those of these people who cannot decide.

        A delegate always; else the manager, where too few of the level are left.
        """
        people = {}
        for (
            document,
            _workflow,
            finder,
            steps,
        ) in self._hold_documents()._around_documents():
            for step in steps:
                situation = step._build_situation(finder, document)
                person = step.user_id.id
                found = find_stand_in(
                    person,
                    situation.delegates if step.reason != "delegated" else {},
                    situation.there,
                    {step.submitter_id.id},
                )
                if found is None and not step._are_enough_left(situation):
                    barred = {step.submitter_id.id, *step._find_seated().ids}
                    found = climb(person, situation.managers, situation.there, barred)
                if found not in (None, person):
                    people[step] = self.env["res.users"].browse(found)
        if people:
            self._replace_by(people, "absent", "replaced")

    def _are_enough_left(self, situation):
        """Check whether the level can be decided by those who are there."""
        there = self._find_level().filtered(
            lambda step: step.state == "approved" or step.user_id.id in situation.there
        )
        return len(set(there.mapped("seat"))) >= self.needed_count

    def _find_seated(self):
        """People who have a part in the level of this step already."""
        return self._find_level().user_id

    def _find_level(self):
        return self.search(
            [
                ("res_model", "=", self.res_model),
                ("res_id", "=", self.res_id),
                ("round", "=", self.round),
                ("level", "=", self.level),
                ("state", "in", ("asked", "approved")),
            ]
        )

    def _build_situation(self, finder, document):
        company = document._get_approval_companies()[document]
        return finder.build_situation(document, company, self.submitter_id)

    def _around_documents(self):
        """Document, workflow, ``PeopleFinder`` and steps, of each document of these."""
        for documents in self._get_documents():
            name = documents._name
            mine = self.filtered(lambda step, name=name: step.res_model == name)
            for workflow, steps in mine.grouped("workflow_id").items():
                some = documents.browse(steps.mapped("res_id"))
                finder = PeopleFinder(some, workflow)
                for res_id, of_one in steps.grouped("res_id").items():
                    yield some.browse(res_id), workflow, finder, of_one
