from odoo import api, fields, models
from odoo.exceptions import UserError


class KpiTatRequest(models.Model):
    """What approvals ask of a request."""

    _inherit = "kpi.tat.request"

    version_id = fields.Many2one(
        "kpi.tat.template.version",
        "Template Version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Levels and times that the request was submitted with. What the template "
        "says later concerns later requests.",
    )
    is_version_outdated = fields.Boolean(
        compute="_compute_is_version_outdated", exportable=False
    )

    @api.depends("version_id", "template_id.version_number")
    def _compute_is_version_outdated(self):
        for request in self:
            # What a template says is no secret to who sees the request.
            own = request.sudo()
            current = own.template_id.version_number
            request.is_version_outdated = (
                own.version_id and own.version_id.number < current
            )

    def _approval_content(self):
        return dict.fromkeys(
            ("subject", "description", "template_id", "amount", "department_id")
        )

    def _get_approval_amounts(self):
        return {request: request.amount for request in self}

    def _get_approval_submitters(self):
        return {request: request.initiator_id for request in self}

    def _filter_request_template(self):
        """Requests of a template: its workflow looks at which one they name."""
        return self

    def _filter_readable_by(self, user):
        """Anybody of the company may be asked; being asked lets them read it."""
        # Where somebody works is no secret: whoever asks may not see the company.
        companies = user.sudo().company_ids
        return self.filtered(lambda request: request.company_id in companies)

    def _approve_automatically(self, workflow):
        """Refuse what no template applies to: that nobody is asked approves nothing."""
        for request in self:
            if not workflow:
                raise UserError(
                    self.env._(
                        "The template “%(template)s” cannot be used for %(request)s."
                        " Choose another one.",
                        template=request.template_id.display_name,
                        request=request.display_name,
                    )
                )
        return super()._approve_automatically(workflow)

    def _fix_steps(self, workflow):
        """As above, and note which version of the template these requests begin with"""
        asked = super()._fix_steps(workflow)
        if asked:
            # Versions come with submitting; nobody writes them.
            system = asked.sudo()
            versions = system.env["kpi.tat.template.version"]
            version = versions._get_current(workflow.with_env(system.env))
            system._write_pending({"version_id": version.id})
        return asked

    def _find_refusals(self, steps):
        refused = super()._find_refusals(steps)
        for request in self - self.browse(one.id for one in refused):
            if request.status == "on_hold":
                refused[request] = self.env._(
                    "%s is on hold. Resume it first.", request.display_name
                )
        return refused

    def _skip_level(self, number):
        """Ask the next level, as nobody of this one decided in time.

        The last level is never skipped: silence does not approve.
        """
        self.ensure_one()
        self._count_turn()
        later = self._find_steps("later")
        if self.approval_level != number or not later:
            return
        steps = self._find_steps("asked")
        self._log_approval(
            "skipped", lambda _one: {"level": number, "asked": steps.user_id.ids}
        )
        steps._close()
        self._open_next_level()
