from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..actions import CLOSE
from ..roles import ADMIN, MANAGER, OFFICER, USER
from ..user_link import HAND_OVER


class KpiHandover(models.TransientModel):
    """Give what people who leave answer for to others, and end what was for them."""

    _name = "kpi.handover"
    _description = "Transfer Responsibilities"

    user_ids = fields.Many2many(
        "res.users",
        string="People Leaving",
        required=True,
        context={"active_test": False},
    )
    successor_id = fields.Many2one(
        "res.users",
        "Transfer To",
        domain="[('share', '=', False), ('id', 'not in', user_ids)]",
    )
    line_ids = fields.One2many(
        "kpi.handover.line",
        "handover_id",
        compute="_compute_line_ids",
        store=True,
        precompute=True,
        readonly=False,
    )
    ended_count = fields.Integer(
        compute="_compute_losses",
        help="Number of shares, subscriptions, keys, links and memberships to end.",
    )

    lost_roles = fields.Char(compute="_compute_losses")
    missing_roles = fields.Char(compute="_compute_missing_roles")

    @api.depends("user_ids")
    def _compute_losses(self):
        self._check_administrator()
        for wizard in self:
            leavers = wizard.user_ids._origin
            wizard.lost_roles = ", ".join(leavers._find_lost_roles().mapped("name"))
            ending = self.env["kpi.user.link"]._find_ending(leavers)
            wizard.ended_count = sum(map(len, ending.values()))

    @api.depends("user_ids", "successor_id", "line_ids.successor_id")
    def _compute_missing_roles(self):
        """Which roles of those who leave a successor lacks."""
        self._check_administrator()
        everybody = self.with_context(active_test=False)
        # Who has a role is no secret to who hands over.
        env = everybody.sudo().env
        roles = [env.ref(role) for role in (USER, MANAGER, OFFICER, ADMIN)]
        for wizard in everybody:
            leavers = wizard.user_ids._origin
            successors = wizard.successor_id | wizard.line_ids.successor_id
            held = [role for role in roles if role.all_user_ids & leavers]
            lacks = {
                user.name: [role.name for role in held if user not in role.all_user_ids]
                for user in successors._origin
            }
            wizard.missing_roles = "; ".join(
                f"{name} ({', '.join(names)})" for name, names in lacks.items() if names
            )

    @api.depends("user_ids")
    def _compute_line_ids(self):
        self._check_administrator()
        links = self.env["kpi.user.link"]
        for wizard in self:
            found = links._find_records(wizard.user_ids._origin, HAND_OVER)
            lines = [
                {"model": each.model, "field_name": each.field, "record_count": len(of)}
                for each, of in found.items()
            ]
            create = map(fields.Command.create, lines)
            wizard.line_ids = [fields.Command.clear(), *create]

    def _check_administrator(self):
        if not self.env.user.has_group(ADMIN):
            raise AccessError(
                self.env._("Only KPI administrators can transfer responsibilities.")
            )

    def action_hand_over(self):
        """All at once: where one of them cannot be taken over, nothing is."""
        self.ensure_one()
        self._check_administrator()
        links = self.env["kpi.user.link"]
        by_field = {
            (link.model, link.field): link
            for link in links._get_links()
            if link.on_leaving == HAND_OVER
        }
        for line in self.line_ids:
            successor = line.successor_id or self.successor_id
            words, text = {"user": successor.name, "what": line.display_name}, ""
            if not successor:
                text = self.env._(
                    "%s: choose a person under “Transfer To”.", line.display_name
                )
            elif successor in self.user_ids:
                text = self.env._(
                    "%(what)s: %(user)s is leaving too. Choose someone else.", **words
                )
            elif successor.share or not successor.active:
                text = self.env._(
                    "%(what)s: %(user)s is not an active internal user. Choose "
                    "someone else.",
                    **words,
                )
            if text:
                raise UserError(text)
            link = by_field[line.model, line.field_name]
            links._hand_over(link, self.user_ids, successor)
        links._end(self.user_ids)
        return CLOSE


class KpiHandoverLine(models.TransientModel):
    """One kind of what people answer for."""

    _name = "kpi.handover.line"
    _description = "Responsibility to Transfer"
    _rec_name = "label"
    _rec_names_search = ["model"]

    handover_id = fields.Many2one(
        "kpi.handover", string="Transfer", required=True, ondelete="cascade"
    )
    model = fields.Char(required=True, readonly=True)
    field_name = fields.Char(required=True, readonly=True)
    label = fields.Char("Responsibility", compute="_compute_label")
    record_count = fields.Integer("Number", readonly=True)
    successor_id = fields.Many2one(
        "res.users", "Different Person", domain="[('share', '=', False)]"
    )

    @api.depends("model", "field_name")
    def _compute_label(self):
        for line in self:
            line.label = ""
            if line.model in self.env:
                field = self.env[line.model]._fields.get(line.field_name)
                name = self.env["ir.model"]._get(line.model).name
                words = [name, field._description_string(self.env)] if field else [name]
                line.label = ": ".join(words)
