from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.rights import look_up_once


class KpiInitiative(models.Model):
    """Programmes: an initiative with others below it is one."""

    _inherit = "kpi.initiative"
    _parent_store = True

    parent_id = fields.Many2one(
        "kpi.initiative",
        "Programme",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("kpi.initiative", "parent_id", "Initiatives Below")
    child_count = fields.Integer(
        "Initiatives", compute="_compute_child_count", exportable=False
    )
    is_in_my_program = fields.Boolean(
        compute="_compute_is_in_my_program",
        search="_search_is_in_my_program",
        compute_sudo=True,
        recursive=True,
        exportable=False,
        help="The user owns or sponsors a programme that it is part of.",
    )

    @api.depends("child_ids")
    def _compute_child_count(self):
        counts = dict(
            self._read_group(
                [("parent_id", "in", self.ids)], ["parent_id"], ["__count"]
            )
        )
        for initiative in self:
            initiative.child_count = counts.get(initiative._origin, 0)

    @api.depends_context("uid")
    @api.depends(
        "parent_id.owner_id", "parent_id.sponsor_id", "parent_id.is_in_my_program"
    )
    def _compute_is_in_my_program(self):
        for initiative in self:
            above = initiative.parent_id
            is_mine = self.env.uid in (above.owner_id.id, above.sponsor_id.id)
            initiative.is_in_my_program = is_mine or above.is_in_my_program

    def _search_is_in_my_program(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = look_up_once(self.env, "initiatives", self._get_program_domain)
        return domain if True in value else ~domain

    @api.model
    def _get_program_domain(self):
        """Return the domain of what lies below the user's own initiatives."""
        mine = Domain("owner_id", "=", self.env.uid) | Domain(
            "sponsor_id", "=", self.env.uid
        )
        # Rules ask for this: it looks at the user's own only.
        everything = self.sudo().with_context(active_test=False)
        owned = everything.search(mine & Domain("child_ids", "!=", False))
        if not owned:
            return Domain.FALSE
        return Domain("parent_id", "child_of", owned.ids)

    def _get_tree_domain(self):
        """Return the domain of these, and of what is below and not archived."""
        ids = self._origin.ids
        # Which ones are programmes, whoever sees what is below: rules decide on that.
        everything = self.sudo().with_context(active_test=False)
        programs = everything.search([("parent_id", "in", ids)]).parent_id
        below = Domain("id", "child_of", programs.ids) & Domain("active", "=", True)
        return Domain("id", "in", ids) | below

    def _group_tree(self):
        """Initiative → itself and what counts below it, as far as the user reads it."""
        return self._group_by_program(self.search(self._get_tree_domain()))

    def _group_by_program(self, records):
        """Initiative → those of ``records`` that belong to it, or to one below it.

        :param records: initiatives, or what has an ``initiative_id``
        """
        found = defaultdict(list)
        for record in records:
            initiative = record if record._name == self._name else record.initiative_id
            for above in initiative._list_places():
                found[above].append(record.id)
        known = records._prefetch_ids
        return {
            one: records.browse(found[one._origin.id]).with_prefetch(known)
            for one in self
        }

    def _list_places(self):
        """Ids of the initiatives for which this one counts, itself included."""
        # Where it lies is looked at; owners of benefits need not see the rest of it.
        initiative = self.sudo()
        return initiative._list_path() if initiative.active else initiative.ids

    def _list_path(self):
        """Ids from the highest programme down to this initiative."""
        return [int(one) for one in (self.parent_path or "").split("/") if one]

    def unlink(self):
        """Delete also what lies below: all of it has to be a proposal yet."""
        with_below = self.with_context(active_test=False)
        everything = self | with_below.search([("id", "child_of", self.ids)])
        everything._unlink_benefits()
        everything._unlink_baselines()
        return super(KpiInitiative, everything).unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        for initiative in self:
            if initiative.was_approved or initiative.status != "proposed":
                raise UserError(
                    self.env._(
                        "%s cannot be deleted: it was approved or closed. "
                        "Archive it instead.",
                        initiative.display_name,
                    )
                )

    def _claim_tree(self, *companies):
        """Let nobody else move initiatives of these companies meanwhile: no circles.

        Two moves at once would each see a tree that the other one changes.

        :param companies: where they are to be, beside those where they are
        """
        own = self.company_id.union(*companies)
        keys = {f"initiatives of company {each.id}" for each in own}
        self.env["kpi.claim"]._claim(*keys)

    def _claim_company(self):
        """Let nobody move these to another company, or add anything to them, meanwhile.

        Parts take on the company of their initiative, as far as it is seen.
        """
        keys = (f"company of initiative {id_}" for id_ in self.ids)
        self.env["kpi.claim"]._claim(*keys)

    def _check_circle(self, parent_id):
        """Refuse to put these below themselves, and say by way of which others."""
        # What lies between may be hidden; it is counted, and not named then.
        path = self.sudo().browse(parent_id or ())._list_path()
        for initiative in self:
            if initiative.id in path:
                way = path[path.index(initiative.id) :]
                circle = self.browse([initiative.id, *reversed(way)])
                raise UserError(
                    self.env._(
                        "It would be below itself: %s.",
                        " → ".join(one._name_if_visible() for one in circle),
                    )
                )

    def _name_if_visible(self):
        if self.has_access("read"):
            return self.display_name
        return self.env._("one that you may not see")

    def action_open_children(self):
        """Show the initiatives of this programme."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_benefits.kpi_initiative_action"
        )
        return {
            **action,
            "display_name": self.name,
            "domain": [("parent_id", "=", self.id)],
            "context": {
                "default_parent_id": self.id,
                "default_company_id": self.company_id.id,
            },
        }
