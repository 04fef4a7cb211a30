"""Integrations whose rows name several KPIs continue to write to them."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE kpi_integration AS integration
           SET allows_any_kpi = TRUE
         WHERE EXISTS (
               SELECT 1
                 FROM kpi_import AS sync
           CROSS JOIN LATERAL jsonb_array_elements_text(
                      CASE WHEN jsonb_typeof(sync.imported_ids) = 'array'
                           THEN sync.imported_ids ELSE '[]' END) AS imported (id)
                 JOIN kpi_report AS report ON report.id = imported.id::integer
                WHERE sync.integration_id = integration.id
                  AND report.definition_id != integration.definition_id)
        """
    )
