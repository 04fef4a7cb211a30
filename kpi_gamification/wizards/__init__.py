from . import kpi_achievement_revocation, kpi_kudos_pair
