from . import kpi_kudos_pair
