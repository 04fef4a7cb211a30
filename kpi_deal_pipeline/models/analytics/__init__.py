from . import kpi_deal_win_judge
from . import kpi_deal_win_model
from . import kpi_deal_analysis
from . import kpi_job
