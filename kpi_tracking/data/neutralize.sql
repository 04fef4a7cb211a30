-- whoever switches a schedule on again in a copy means it
UPDATE kpi_period_report_schedule
   SET active = false;
