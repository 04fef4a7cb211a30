-- whoever switches a schedule on again in a copy means it
UPDATE kpi_tat_report_schedule
   SET active = false;
