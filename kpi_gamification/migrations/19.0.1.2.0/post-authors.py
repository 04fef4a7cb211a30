"""Authors of achievements are noted, and no limit takes points given before."""


def migrate(cr, version):
    cr.execute("""
        INSERT INTO kpi_achievement_author_rel (achievement_id, user_id)
        SELECT DISTINCT touched.achievement_id, person.id
          FROM (SELECT id AS achievement_id, unnest(ARRAY[create_uid, write_uid])
                  FROM kpi_achievement
                 UNION
                SELECT achievement_id, unnest(ARRAY[create_uid, write_uid])
                  FROM kpi_achievement_condition) AS touched(achievement_id, user_id)
          JOIN res_users AS person ON person.id = touched.user_id
         WHERE person.id <> 1  -- the system's user earns nothing
            ON CONFLICT DO NOTHING;
        UPDATE res_company AS company
           SET gamification_most_points = most.points
          FROM (SELECT company_id, max(points_value) AS points
                  FROM kpi_achievement GROUP BY company_id) AS most
         WHERE most.company_id = company.id
           AND most.points > company.gamification_most_points
    """)
