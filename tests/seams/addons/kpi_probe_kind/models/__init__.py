from . import kpi_achievement_kind_early
