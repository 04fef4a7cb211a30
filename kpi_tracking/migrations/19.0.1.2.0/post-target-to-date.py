"""Targets to date no longer count today: the next refresh finds them anew."""


def migrate(cr, version):
    cr.execute("UPDATE kpi_report SET target_day = NULL WHERE target_day IS NOT NULL")
