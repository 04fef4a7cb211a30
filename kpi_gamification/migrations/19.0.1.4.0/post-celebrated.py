"""Awards of before are not celebrated again, and a ready achievement has its name."""


def migrate(cr, version):
    cr.execute("UPDATE kpi_user_achievement SET is_celebrated = TRUE")
    # It is found by its name, or it would be added a second time.
    cr.execute("""
        UPDATE kpi_achievement
           SET name = jsonb_set(name, '{en_US}', '"All on Target"')
         WHERE name ->> 'en_US' = 'All Approvers'
    """)
