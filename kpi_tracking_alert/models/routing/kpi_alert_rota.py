from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_base.schemas.base import Id


class KpiAlertRota(models.Model):
    """Who is on call when: dated shifts, and others who stand in for them."""

    _name = "kpi.alert.rota"
    _description = "KPI On-Call Rota"
    _inherit = ["kpi.input.mixin", "mail.thread"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    shift_ids = fields.One2many("kpi.alert.shift", "rota_id", "Shifts", copy=False)
    on_call_id = fields.Many2one(
        "res.users", "On Call Now", compute="_compute_on_call_id"
    )
    unseen_notice = fields.Text(
        string="Access Warning", compute="_compute_unseen_notice"
    )

    @api.depends(
        "shift_ids.user_id",
        "shift_ids.date_from",
        "shift_ids.date_to",
        "shift_ids.is_override",
    )
    def _compute_on_call_id(self):
        on_call = self._find_on_call(fields.Datetime.now())
        for rota in self:
            rota.on_call_id = on_call.get(rota.id, False)

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("shift_ids.user_id", "shift_ids.date_to")
    def _compute_unseen_notice(self):
        now = fields.Datetime.now()
        for rota in self:
            to_come = rota.shift_ids.filtered(
                lambda one: one.date_to and one.date_to > now
            )
            rota.unseen_notice = rota._say_unseen(to_come.user_id)

    def _say_unseen(self, users):
        """A line for each who may not see KPIs whose alerts are escalated to the rota.

        Names only KPIs that the reader sees; empty where there are none.
        """
        # Which rules name a rota is the officers'; of their KPIs those of the reader
        # are named.
        levels = self.env["kpi.alert.level"].sudo()
        rules = levels.search([("rota_id", "in", self._origin.ids)]).alert_id
        self.env.flush_all()
        watched = {pair[1] for pair in self.env.execute_query(rules._watched_sql())}
        reports = self.env["kpi.report"].browse(watched)._filtered_access("read")
        lines = []
        for user in users._origin:
            # As the person, in all their companies, as when they are told.
            own = reports.with_user(user).with_context(allowed_company_ids=None)
            seen = set(own._filtered_access("read").ids)
            unseen = [one.display_name for one in reports if one.id not in seen]
            if unseen:
                lines.append(
                    self.env._(
                        "%(person)s cannot see %(kpis)s, so the next level gets "
                        "these alerts.",
                        person=user.name,
                        kpis=", ".join(unseen[:3]) + (", …" if unseen[3:] else ""),
                    )
                )
        return "\n".join(lines)

    @api.constrains("company_id")
    def _check_shifts(self):
        self.shift_ids._check_are_employees()

    def _find_on_call(self, moment):
        """Rota id → ``res.users`` who is on call at a moment (UTC), of those covered.

        Who stands in comes before whose shift it is; of two who do the later one.
        """
        # Who is on call is for all who see the rota.
        shifts = self.env["kpi.alert.shift"].sudo()
        found = shifts.search(
            [
                ("rota_id", "in", self.ids),
                ("date_from", "<=", moment),
                ("date_to", ">", moment),
            ],
            order="is_override, date_from, id",
        )
        users = self.env["res.users"]
        return {shift.rota_id.id: users.browse(shift.user_id.id) for shift in found}

    def action_hand_over(self, user_id: Id):
        """Have somebody else take over from now until the shift at hand ends.

        For whoever is on call, and officers.
        """
        self.ensure_one()
        self.check_access("read")
        now = fields.Datetime.now()
        on_call = self._find_on_call(now).get(self.id)
        if not on_call:
            raise UserError(self.env._("%s: no one is on call.", self.name))
        if self.env.user != on_call and not self.env.user.has_group(OFFICER):
            raise AccessError(
                self.env._(
                    "Only %s or KPI officers can transfer the shift.", on_call.name
                )
            )
        successor = self.env["res.users"].search([("id", "=", user_id)])
        if not successor or successor.share:
            raise UserError(self.env._("Choose an employee to take the shift."))
        # Shifts are the officers'; whether the user may hand over was asked above.
        rota = self.sudo()
        current = rota.shift_ids.filtered(
            lambda shift: shift.date_from <= now < shift.date_to
        )
        rota.env["kpi.alert.shift"].create(
            {
                "rota_id": rota.id,
                "user_id": successor.id,
                "date_from": now,
                "date_to": min(current.mapped("date_to")),
                "is_override": True,
            }
        )
        rota._message_log(
            body=self.env._(
                "Transferred from %(former)s to %(successor)s.",
                former=on_call.name,
                successor=successor.name,
            )
        )
        return True


class KpiAlertShift(models.Model):
    """Time in which somebody is on call: from ``date_from`` to before ``date_to``."""

    _name = "kpi.alert.shift"
    _description = "KPI On-Call Shift"
    _inherit = ["kpi.input.mixin"]
    _order = "rota_id, date_from, id"
    _rec_name = "user_id"

    rota_id = fields.Many2one(
        "kpi.alert.rota", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(
        "res.users",
        "On Call",
        required=True,
        ondelete="cascade",
        index=True,
        domain=[("share", "=", False)],
    )
    date_from = fields.Datetime("From", required=True)
    date_to = fields.Datetime("Until", required=True)
    is_override = fields.Boolean("Substitute", help="Replaces the regular shift.")

    _dates_ordered = models.Constraint(
        "CHECK (date_to > date_from)", "The shift must end after it starts."
    )
    # A range of one id, as equality in such a constraint needs an extension.
    _shifts_excl = models.Constraint(
        """EXCLUDE USING gist (int4range(rota_id, rota_id, '[]') WITH &&,
                               tsrange(date_from, date_to) WITH &&)
           WHERE (is_override IS NOT TRUE)""",
        "Regular shifts cannot overlap. Mark one as a substitute.",
    )

    @api.constrains("rota_id", "user_id")
    def _check_are_employees(self):
        """Whoever is on call can be told of the company's KPIs."""
        outside = self.filtered(
            lambda shift: (
                shift.user_id.share
                or shift.rota_id.company_id not in shift.user_id.company_ids
            )
        )
        if outside:
            raise ValidationError(
                self.env._(
                    "%(people)s: only %(company)s employees can be on call.",
                    people=", ".join(outside.user_id.mapped("name")),
                    company=outside.rota_id.company_id[:1].name,
                )
            )
