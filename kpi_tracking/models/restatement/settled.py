"""What a closed period's value had settled at, and what changed it since.

SELECTs for lateral joins beside a row ``settling`` with ``report_id``, ``grain``,
``period_start`` and ``settled_on``. Of the first, ``recorded_at`` says whether there
was a value by then.
"""

SETTLED = """
    SELECT old_value, recorded_at
      FROM kpi_measurement_revision
     WHERE report_id = settling.report_id
       AND grain = settling.grain
       AND period_start = settling.period_start
       AND replaced_at > settling.settled_on
  ORDER BY id
     LIMIT 1
"""
CHANGED = """
    SELECT max(replaced_at) AS restated_on,
           CASE WHEN count(DISTINCT cause) > 1 THEN 'several'
                ELSE min(cause) END AS cause
      FROM kpi_measurement_revision
     WHERE report_id = settling.report_id
       AND grain = settling.grain
       AND period_start = settling.period_start
       AND replaced_at > settling.settled_on
"""
