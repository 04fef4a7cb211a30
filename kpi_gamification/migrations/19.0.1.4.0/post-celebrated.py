"""Awards of before are not celebrated again."""


def migrate(cr, version):
    cr.execute("UPDATE kpi_user_achievement SET is_celebrated = TRUE")
