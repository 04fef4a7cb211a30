from lxml import etree

from odoo import api, fields, models
from odoo.fields import Domain

from ...rights import ASSISTANT, search_by

EDITABLE = "is_editable_by_me"
# How a field is loaded with a view and not shown.
HIDDEN_IN_VIEWS = {
    "form": {"invisible": "1"},
    "kanban": {},
    "list": {"column_invisible": "1"},
}


class KpiReadableMixin(models.AbstractModel):
    """Right of the user to read a record, for the rules of its dependent records.

    Rules of what belongs to the record ask for the field: rules hold no lookup of
    their own, which Odoo would cache while managers, teams and groups change::

        class Order(models.Model):
            _name = "my.order"
            _inherit = ["kpi.readable.mixin"]
            _readable_by = ("owner_id", "company_id")

        # and the rule of its lines: [('order_id.is_readable_by_me', '=', True)]
    """

    _name = "kpi.readable.mixin"
    _description = "Readable by the User"

    # names of the fields that the model's own rules look at
    _readable_by: tuple[str, ...] = ()

    is_readable_by_me = fields.Boolean(
        "Visible to Me",
        compute="_compute_is_readable_by_me",
        search=search_by("_get_access_domain", "read"),
        exportable=False,
    )

    @api.depends_context("uid", "allowed_company_ids", ASSISTANT)
    @api.depends(lambda self: self._readable_by)
    def _compute_is_readable_by_me(self):
        readable = self.sudo(False)._filtered_access("read")
        for record in self:
            record.is_readable_by_me = record in readable

    @api.model
    def _get_access_domain(self, operation):
        """Return the domain of the records that the user may use so, by the rules."""
        # Rules are evaluated as superuser: asked as the user, with the user's rules;
        # about the model, whatever records the search was called on.
        records = self.browse().sudo(False).with_context(active_test=False)
        if not records.has_access(operation):
            return Domain.FALSE
        allowed = records.env["ir.rule"]._compute_domain(self._name, operation)
        # The rules are in the domain, and looked up as Odoo does: as the user, those of
        # what they lead to would be asked for once more.
        return Domain("id", "in", records.sudo()._search(allowed))


class KpiAccessMixin(models.AbstractModel):
    """Rights of the user on a record: reading it, and changing it."""

    _name = "kpi.access.mixin"
    _inherit = ["kpi.readable.mixin"]
    _description = "KPI Access Mixin"

    _readable_by = ("company_id",)
    # as above, of the rules for changing
    _editable_by: tuple[str, ...] = ("company_id",)

    is_editable_by_me = fields.Boolean(
        "Editable by Me",
        compute="_compute_is_editable_by_me",
        search=search_by("_get_access_domain", "write"),
        exportable=False,
    )

    @api.depends_context("uid", "allowed_company_ids", ASSISTANT)
    @api.depends(lambda self: self._editable_by)
    def _compute_is_editable_by_me(self):
        editable = self.sudo(False)._filtered_access("write")
        for record in self:
            record.is_editable_by_me = record in editable

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Load the right with the records that can be archived.

        Odoo offers *Archive* to all who may change some record of the model; screens
        offer it for those that the user may change.
        """
        arch, view = super()._get_view(view_id, view_type, **options)
        hidden = HIDDEN_IN_VIEWS.get(view_type)
        is_loaded = arch.xpath(f"//field[@name='{EDITABLE}'][not(ancestor::field)]")
        if hidden is not None and "active" in self._fields and not is_loaded:
            arch.insert(0, etree.Element("field", name=EDITABLE, **hidden))
        return arch, view
