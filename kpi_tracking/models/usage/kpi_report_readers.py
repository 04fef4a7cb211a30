from typing import Annotated

from pydantic import Field

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_base.schemas.base import MAX_ID, Id

PAGE = 40
Offset = Annotated[int, Field(ge=0, le=MAX_ID)]


class KpiReport(models.Model):
    """Who may see a KPI: Odoo's rules, asked as each person."""

    _inherit = "kpi.report"

    can_ask_for_readers = fields.Boolean(
        compute="_compute_can_ask_for_readers", exportable=False
    )

    @api.depends("owner_id")
    @api.depends_context("uid")
    def _compute_can_ask_for_readers(self):
        user = self.env.user
        is_officer = user.has_group(OFFICER)
        for report in self:
            report.can_ask_for_readers = is_officer or report.owner_id == user

    @api.readonly
    def get_readers(self, offset: Offset = 0):
        """Return which colleagues see this KPI, a page at a time.

        :return: dict of ``people`` (``id``, ``name`` and ``sees``), those who see it
            first, and ``next_offset``; None on the last page
        :raises AccessError: neither an officer nor responsible for it
        """
        self._check_asks_for_readers()
        users = self.env["res.users"].search(
            Domain("share", "=", False), offset=offset, limit=PAGE + 1, order="name, id"
        )
        people = [
            {"id": user.id, "name": user.name, "sees": self._is_readable_by(user.id)}
            for user in users[:PAGE]
        ]
        return {
            "people": sorted(people, key=lambda each: not each["sees"]),
            "next_offset": offset + PAGE if len(users) > PAGE else None,
        }

    @api.readonly
    def get_reading_rules(self, user_id: Id):
        """Return why a colleague sees this KPI or does not: each rule apart.

        :return: dict of ``sees`` and ``rules``: dicts of ``name``, ``applies`` (to this
            person), ``passes``, ``is_needed`` (each of these has to pass; of the others
            one) and ``groups``
        :raises AccessError: as ``get_readers``; or the user may not see that person
        """
        self._check_asks_for_readers()
        person = self.env["res.users"].browse(user_id)
        person.check_access("read")
        return {
            "sees": self._is_readable_by(person.id),
            "rules": [self._right_row(person), *self._list_rule_rows(person)],
        }

    def _check_asks_for_readers(self):
        self.ensure_one()
        self.check_access("read")
        if not self.can_ask_for_readers:
            raise AccessError(
                self.env._("Ask a KPI officer, or who is responsible for this KPI.")
            )

    def _right_row(self, person):
        """The right to KPIs as such, without which no rule is asked."""
        # Which groups may do what is Odoo's to say.
        rights = self.env["ir.model.access"].sudo()
        groups = rights.search(
            [("model_id.model", "=", self._name), ("perm_read", "=", True)]
        ).group_id
        return {
            "name": self.env._("May open KPIs"),
            "applies": True,
            "passes": bool(groups & self._get_groups_of(person)),
            "is_needed": True,
            "groups": ", ".join(groups.mapped("full_name")),
        }

    @api.model
    def _get_groups_of(self, person):
        # So is who belongs to which.
        return person.sudo().all_group_ids

    def _list_rule_rows(self, person):
        # Rules are asked as the person, in all their companies, whoever wants to know;
        # what they mean by “me” is that person.
        own = self.with_user(person).sudo()
        own = own.with_context(
            active_test=False, allowed_company_ids=own.env.user.company_ids.ids
        )
        context = own.sudo(False).env["ir.rule"]._eval_context()
        groups = self._get_groups_of(person)
        for rule in own.env["ir.rule"].search(
            [("model_id.model", "=", self._name), ("perm_read", "=", True)]
        ):
            domain = Domain(safe_eval(rule.domain_force or "[]", context))
            domain &= Domain("id", "=", self.id)
            yield {
                "name": rule.name.partition(": ")[2] or rule.name,
                "applies": not rule.groups or bool(rule.groups & groups),
                "passes": bool(own.search_count(domain, limit=1)),
                "is_needed": not rule.groups,
                "groups": ", ".join(rule.groups.mapped("full_name")),
            }
