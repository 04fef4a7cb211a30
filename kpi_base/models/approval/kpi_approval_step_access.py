from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...rights import look_up_once, readable_sql, remember_rights


class KpiApprovalStep(models.Model):
    """Steps are shown to those who may read the document, and to nobody else."""

    _inherit = "kpi.approval.step"

    can_see_document = fields.Boolean(
        compute="_compute_can_see_document",
        search="_search_can_see_document",
        exportable=False,
    )

    @api.model
    @api.readonly
    def web_search_read(self, *args, **options):
        """Read a page of a list; what its rules ask for is looked up once."""
        with remember_rights(self.env):
            return super().web_search_read(*args, **options)

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("res_model", "res_id")
    def _compute_can_see_document(self):
        seen = {
            (one._name, one.id)
            for documents in self._find_seen_documents()
            for one in documents
        }
        for step in self:
            step.can_see_document = (step.res_model, step.res_id) in seen

    @api.model
    def _search_can_see_document(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = look_up_once(
            self.env,
            "documents to approve",
            lambda: Domain.OR(
                self._get_domain_of(documents, Domain.TRUE)
                for documents in self._list_kinds()
            ),
        )
        return domain if True in value else ~domain

    @api.model
    def _search_document_name(self, operator, value):
        return Domain.OR(
            self._get_domain_of(documents, Domain("display_name", operator, value))
            for documents in self._list_kinds()
        )

    @api.model
    def _get_domain_of(self, documents, domain):
        """Steps of documents of a kind that fit ``domain`` and the user may read."""
        is_seen = readable_sql(documents, domain)
        if not is_seen:
            return Domain.FALSE
        return Domain("res_model", "=", documents._name) & Domain.custom(
            to_sql=lambda _model, alias, _query: is_seen(
                SQL.identifier(alias, "res_id")
            )
        )

    @api.model
    def _list_kinds(self):
        """An empty recordset of each kind of documents that can be approved."""
        names = self.env.registry.descendants(["kpi.approval.mixin"], "_inherit")
        return [
            self.env[name] for name in sorted(names) if not self.env[name]._abstract
        ]

    def _find_seen_documents(self):
        """Documents of these steps that the user may read: recordsets, one a model."""
        # As the user: what they may not see is not there for them.
        return [
            documents.sudo(False)._filtered_access("read")
            for documents in self._get_documents()
        ]
