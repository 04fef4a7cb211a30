from . import gamification_badge, kpi_user_achievement
