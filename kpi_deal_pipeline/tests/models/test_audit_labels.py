from odoo.tests import TransactionCase

from odoo.addons.kpi_base.tests.audit_labels import AuditLabelsMixin


class TestAuditLabels(AuditLabelsMixin, TransactionCase):
    addon = "kpi_deal_pipeline"
