from odoo.tests import TransactionCase

from odoo.addons.kpi_base.tests.security.access_case import AccessMixin


class WarehouseAccessCase(AccessMixin, TransactionCase):
    """The people of the oracle, with a warehouse of each company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    def _make_records(cls):
        records = super()._make_records()
        for key, company in (("a", cls.a), ("b", cls.b)):
            for model, record in cls._make_warehouse(key, company).items():
                records.setdefault(model, {})[key] = record
        return records

    @classmethod
    def _make_warehouse(cls, key, company):
        owner = cls.env.ref("base.user_admin")
        warehouse = cls.env["kpi.warehouse"].create(
            {"name": key, "company_id": company.id, "owner_id": owner.id}
        )
        warehouse._count_cost(1.0, 1)
        dataset = cls.env["kpi.warehouse.dataset"].create(
            {
                "name": key,
                "code": f"access_{key}",
                "warehouse_id": warehouse.id,
                "table_name": "t.csv",
            }
        )
        column = cls.env["kpi.warehouse.column"].create(
            {"dataset_id": dataset.id, "name": "state", "kind": "text"}
        )
        return {
            "kpi.warehouse": warehouse,
            "kpi.warehouse.month": warehouse.month_ids,
            "kpi.warehouse.dataset": dataset,
            "kpi.warehouse.column": column,
            "kpi.warehouse.measure": cls.env["kpi.warehouse.measure"].create(
                {"dataset_id": dataset.id, "name": "Count", "code": "number"}
            ),
            "kpi.warehouse.condition": cls.env["kpi.warehouse.condition"].create(
                {"dataset_id": dataset.id, "column_id": column.id, "value": "sale"}
            ),
            "kpi.warehouse.code": cls.env["kpi.warehouse.code"].create(
                {"dataset_id": dataset.id, "scope_type": "user", "code": "x"}
            ),
        }
