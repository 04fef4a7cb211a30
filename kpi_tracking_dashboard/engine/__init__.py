"""What dashboards compute and draw without a database: pictures, tables, shares.

Where gauges have their scales and zones is in ``kpi_tracking``.
"""
