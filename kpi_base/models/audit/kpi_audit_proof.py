from odoo import models
from odoo.exceptions import UserError

from ...engine.audit import consistency_proof, inclusion_proof, leaf_hash


class KpiAuditLog(models.Model):
    """Proof for a stranger that an entry stands under an anchor."""

    _inherit = "kpi.audit.log"

    def _leaf_hashes(self, size):
        """Hashes of the tree's first ``size`` leaves."""
        return [leaf_hash(found) for _place, found in self._leaves(size)]

    def _inclusion(self):
        """Build the proof that this entry is among those of the latest anchor.

        :return: dict of ``text`` and ``previous_hash`` of the entry, ``leaf_index``,
            ``proof`` (hexadecimal hashes as of RFC 9162, 2.1.3.1) and ``anchor``
        :raises UserError: it was not anchored yet
        """
        self.ensure_one()
        leaf = self.env["kpi.audit.leaf"].search([("log_id", "=", self.id)])
        anchor = self.env["kpi.audit.anchor"].search([], limit=1)
        if not leaf or leaf.leaf_index >= anchor.size:
            raise UserError(
                self.env._("This entry is not anchored yet. It will be within an hour.")
            )
        proof = inclusion_proof(self._leaf_hashes(anchor.size), leaf.leaf_index)
        return {
            "text": self.text,
            "previous_hash": self.previous_hash,
            "leaf_index": leaf.leaf_index,
            "proof": [each.hex() for each in proof],
            "anchor": anchor.text,
        }


class KpiAuditAnchor(models.Model):
    """Proof that the log has only grown from one anchor to another."""

    _inherit = "kpi.audit.anchor"

    def _consistency(self, size):
        """Build the proof that the first ``size`` entries are still the first ones.

        :return: dict of ``first`` and ``second`` (numbers of entries), ``proof``
            (hexadecimal hashes as of RFC 9162, 2.1.4.1) and ``anchor``
        :raises UserError: this anchor has fewer entries
        """
        self.ensure_one()
        if not 1 <= size <= self.size:
            raise UserError(
                self.env._(
                    "%(size)s: the anchor has 1 to %(last)s entries.",
                    size=size,
                    last=self.size,
                )
            )
        leaves = self.env["kpi.audit.log"]._leaf_hashes(self.size)
        return {
            "first": size,
            "second": self.size,
            "proof": [each.hex() for each in consistency_proof(leaves, size)],
            "anchor": self.text,
        }

    def action_download(self):
        """These anchors, or all, one per line."""
        ids = ",".join(map(str, self.ids))
        return {"type": "ir.actions.act_url", "url": f"/kpi/audit/anchors?ids={ids}"}
