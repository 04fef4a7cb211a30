from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.engine.worktime import WorkTimeError

from ..engine.clock import count_allowed_seconds, parse_thresholds
from .kpi_tat_calendar import refuse_unknown_times
from .kpi_tat_template_version import (
    APPROVER_FIELDS,
    LEVEL_FIELDS,
    TIMEOUT_ACTIONS,
    read_content,
)

REQUEST = "kpi.tat.request"


class KpiApprovalWorkflow(models.Model):
    """Templates of requests, which name the one that they go by."""

    _inherit = "kpi.approval.workflow"

    workflow_type = fields.Selection(
        selection_add=[("request_template", "Requests Using This Template")],
        ondelete={"request_template": "cascade"},
    )
    version_ids = fields.One2many(
        "kpi.tat.template.version", "template_id", "Versions", readonly=True
    )
    version_number = fields.Integer(
        "Version",
        compute="_compute_version_number",
        exportable=False,
        aggregator=None,
        help="Version used for new requests.",
    )
    reminder_percents = fields.Char(
        "Remind At (%)",
        default="50, 75",
        help="Percentages of the allowed time, e.g. 50, 75. Approvers are always "
        "notified of overdue levels.",
    )

    @api.depends(
        "version_ids",
        "reminder_percents",
        "level_ids.sequence",
        *(f"level_ids.{name}" for name in LEVEL_FIELDS),
        *(f"level_ids.approver_ids.{name}" for name in APPROVER_FIELDS),
    )
    def _compute_version_number(self):
        for workflow in self:
            last = workflow.version_ids.sorted("number")[-1:]
            _content, print_ = read_content(workflow)
            workflow.version_number = last.number + (last.fingerprint != print_)

    def _filter_documents(self, documents):
        fitting = super()._filter_documents(documents)
        if self.workflow_type != "request_template":
            return fitting
        return fitting.filtered(lambda one: one.template_id == self)

    @api.constrains("workflow_type", "model")
    def _check_template_model(self):
        for workflow in self._filter_templates():
            if workflow.model != REQUEST:
                raise ValidationError(
                    self.env._(
                        "%s: request templates only apply to requests.",
                        workflow.display_name,
                    )
                )

    @api.constrains("level_ids", "workflow_type")
    def _check_template_levels(self):
        self._filter_templates().level_ids._check_time()

    def _filter_templates(self):
        return self.filtered(lambda one: one.workflow_type == "request_template")

    @api.constrains("reminder_percents")
    def _check_reminder_percents(self):
        for workflow in self:
            with _refuse_settings(workflow):
                parse_thresholds(workflow.reminder_percents)


class KpiApprovalLevel(models.Model):
    """Time that the people of a level have, by the priority of the request."""

    _inherit = "kpi.approval.level"

    tat_hours_standard = fields.Float(
        "Working Hours",
        default=24.0,
        help="Allowed time for standard requests, in working hours.",
    )
    tat_hours_express = fields.Float(
        "Express Hours",
        default=8.0,
        help="Allowed time for express requests, in calendar hours.",
    )
    timeout_action = fields.Selection(
        TIMEOUT_ACTIONS, "When Overdue", required=True, default="remind"
    )

    @api.constrains(
        "tat_hours_standard",
        "tat_hours_express",
        "timeout_action",
        "sequence",
        "workflow_id",
    )
    def _check_time(self):
        """:raises ValidationError: time that nobody can be given, a last level skipped

        Silence never approves: after the last level nobody is left to decide.
        """
        for level in self:
            with _refuse_settings(level):
                count_allowed_seconds(level.tat_hours_standard)
                count_allowed_seconds(level.tat_hours_express)
        for workflow in self.workflow_id:
            last = workflow.level_ids.sorted()[-1:]
            if last.timeout_action == "skip":
                raise ValidationError(
                    self.env._(
                        "%s: the last level cannot be skipped when overdue.",
                        workflow.display_name,
                    )
                )


class KpiApprovalStep(models.Model):
    """Steps of requests, each with the clock of its person."""

    _inherit = "kpi.approval.step"

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps._run_clocks()
        return steps

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"state", "user_id"}:
            self._run_clocks()
        return result

    def _run_clocks(self):
        of_requests = self.filtered(lambda step: step.res_model == "kpi.tat.request")
        if of_requests:
            # Clocks belong to approvals; nobody starts or stops one by hand.
            steps = of_requests.sudo()
            with refuse_unknown_times():
                steps.env["kpi.tat.level"]._follow(steps)


@contextmanager
def _refuse_settings(record):
    """:raises ValidationError: naming the record, where the engine refuses them"""
    try:
        yield
    except WorkTimeError as error:
        raise ValidationError(
            record.env._(
                "%(record)s: %(reason)s", record=record.display_name, reason=error
            )
        ) from error
