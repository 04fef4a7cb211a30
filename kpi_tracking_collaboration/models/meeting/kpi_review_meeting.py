from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class KpiReviewMeeting(models.Model):
    """People look at a scorecard together: at what is off track, and what to do.

    Whoever sees the scorecard sees it; of its agenda each sees what is about KPIs that
    they may see. It is changed by its organiser, or who may arrange the scorecard.
    """

    _name = "kpi.review.meeting"
    _description = "KPI Review Meeting"
    _inherit = [
        "kpi.access.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.invited.thread.mixin",
    ]
    _order = "starts_at desc, id desc"
    _mail_post_access = "read"
    _readable_by = ("group_id",)
    _editable_by = ("group_id", "user_id")
    _staying = ("group_id",)

    name = fields.Char("Subject", required=True, tracking=True)
    group_id = fields.Many2one(
        "kpi.report.group", "Scorecard", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="group_id.company_id", store=True, precompute=True, index=True
    )
    starts_at = fields.Datetime(
        "Starts", required=True, tracking=True, default=fields.Datetime.now
    )
    user_id = fields.Many2one(
        "res.users",
        "Organiser",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        index=True,
        tracking=True,
        ondelete="restrict",
    )
    participant_ids = fields.Many2many(
        "res.users",
        "kpi_review_meeting_participant_rel",
        string="Participants",
        domain=[("share", "=", False)],
    )
    state = fields.Selection(
        [("planned", "Planned"), ("held", "Held"), ("cancelled", "Cancelled")],
        "Status",
        required=True,
        readonly=True,
        copy=False,
        default="planned",
        tracking=True,
        index=True,
    )
    line_ids = fields.One2many("kpi.review.meeting.line", "meeting_id", "Agenda")
    action_items = fields.One2many("kpi.action.item", "meeting_id", "Actions")
    minutes = fields.Text(
        copy=False, help="Read by all who see the scorecard, and mailed to them."
    )

    @api.constrains("group_id", "participant_ids", "user_id")
    def _check_people(self):
        for meeting in self:
            # Who takes part is known to whoever arranges the meeting.
            people = meeting.sudo().participant_ids | meeting.sudo().user_id
            meeting._check_invited(people.partner_id)

    @api.model_create_multi
    def create(self, vals_list):
        meetings = super().create(vals_list)
        for meeting in meetings:
            meeting._tell_participants(meeting.participant_ids)
        self.env["kpi.event"]._emit("meeting.planned", meetings)
        return meetings

    def write(self, vals):
        before = {meeting: meeting.participant_ids for meeting in self}
        result = super().write(vals)
        if "participant_ids" in vals:
            for meeting, people in before.items():
                meeting._tell_participants(meeting.participant_ids - people)
        return result

    def _say_strangers(self, names):
        return self.env._(
            "%s cannot see this scorecard, so they cannot take part. Make them members"
            " of it first.",
            names,
        )

    @api.model
    def _plan(self, vals, starts_at, has_agenda=False):
        """Plan a meeting for a program.

        :param vals: values; ``participant_ids`` are ids of users
        :param starts_at: moment in UTC
        :raises UserError: somebody who is not there
        """
        people = self.env["res.users"].search(
            [("id", "in", vals["participant_ids"]), ("share", "=", False)]
        )
        unknown = set(vals["participant_ids"]) - set(people.ids)
        if unknown:
            raise UserError(
                self.env._("There is no person with the number %s.", min(unknown))
            )
        meeting = self.create(
            {
                **vals,
                "participant_ids": [Command.set(people.ids)],
                "starts_at": starts_at,
            }
        )
        if has_agenda:
            meeting.action_fill_agenda()
        return meeting

    def action_hold(self):
        """Say that it took place."""
        return self._set_state("held")

    def action_cancel(self):
        """Say that it does not take place."""
        return self._set_state("cancelled")

    def action_reopen(self):
        """Plan it again."""
        return self._set_state("planned")

    def _set_state(self, state):
        self.check_access("write")
        changed = self.filtered(lambda meeting: meeting.state != state)
        # The right to change it was asked for.
        changed.sudo().state = state
        self.env["kpi.event"]._emit(f"meeting.{state}", changed)
        return True
