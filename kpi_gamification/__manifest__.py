{
    "name": "KPI Achievements",
    "summary": "Achievements, streaks and rewards that people earn by KPIs",
    "version": "19.0.1.0.0",
    "category": "Productivity/KPI",
    "author": "KPI Suite",
    "maintainers": ["KPI Suite"],
    "website": "https://example.com/kpi-suite",
    "development_status": "Beta",
    "images": ["static/description/achievements.png"],
    "license": "LGPL-3",
    "depends": ["kpi_tracking_collaboration"],
    "external_dependencies": {"python": ["numpy>=1.24", "pydantic>=2.11"]},
    "data": [
        "security/ir.model.access.csv",
        "security/kpi_achievement_security.xml",
        "security/kpi_points_security.xml",
        "security/kpi_kudos_security.xml",
        "security/kpi_leaderboard_security.xml",
        "data/kpi_api_scope_data.xml",
        "data/kpi_points_balance_data.xml",
        "data/kpi_leaderboard_data.xml",
        "data/kpi_gallery_data.xml",
        "views/kpi_user_achievement_views.xml",
        "views/kpi_achievement_views.xml",
        "views/kpi_performance_streak_views.xml",
        "views/kpi_report_views.xml",
        "views/kpi_target_value_views.xml",
        "views/kpi_dashboard_tile_views.xml",
        "views/kpi_points_entry_views.xml",
        "views/kpi_reward_views.xml",
        "views/kpi_kudos_views.xml",
        "views/kpi_leaderboard_views.xml",
        "wizards/kpi_kudos_pair_views.xml",
        "views/res_config_settings_views.xml",
        "views/kpi_gamification_menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "kpi_gamification/static/src/eager/**/*",
            "kpi_gamification/static/src/screens/**/*.scss",
        ],
        "kpi_tracking.assets_home": ["kpi_gamification/static/src/home/**/*"],
        "kpi_tracking_phone.assets_app": [
            "kpi_gamification/static/src/home/*_needs.js"
        ],
        "kpi_tracking_dashboard.assets_dashboard": [
            "kpi_gamification/static/src/tile/**/*"
        ],
        # Loaded when somebody opens the page.
        "kpi_gamification.assets_screens": [
            "kpi_gamification/static/src/screens/**/*.[jx]*",
        ],
        "web.assets_unit_tests_setup": [("include", "kpi_gamification.assets_screens")],
        "web.assets_unit_tests": ["kpi_gamification/static/tests/*.test.js"],
    },
}
