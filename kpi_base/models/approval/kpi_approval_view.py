from lxml import etree

from odoo import api, models

PENDING = "approval_state == 'pending'"


class KpiApprovalMixin(models.AbstractModel):
    """Screens on which documents that wait are read-only."""

    _inherit = "kpi.approval.mixin"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type in ("form", "list"):
            self._lock_fields(arch)
        return arch, view

    @api.model
    def _lock_fields(self, arch):
        """Add to each field's own reason to be read-only that the document waits."""
        free = self._get_free_fields() | self._get_approval_fields()
        own = arch.xpath("//field[not(ancestor::field)]")
        for node in own:
            before = node.get("readonly")
            # what nobody may change would be open to change with a reason of the view's
            is_fixed = not before and self._fields[node.get("name")].readonly
            if node.get("name") not in free and not is_fixed:
                node.set("readonly", f"({before}) or {PENDING}" if before else PENDING)
        if own and not any(node.get("name") == "approval_state" for node in own):
            hidden = {"name": "approval_state", "invisible": "1"}
            hidden |= {"column_invisible": "1"} if arch.tag == "list" else {}
            arch.append(etree.Element("field", hidden))
