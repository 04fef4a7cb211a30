from . import res_company
from . import kpi_bi_benchmark
from . import kpi_bi_result
from . import kpi_bi_personal_mixin
from . import kpi_bi_market
from . import kpi_bi_competitor
from . import kpi_bi_swot
from . import kpi_bi_opportunity
from . import kpi_bi_customer
from . import kpi_bi_purchase
from . import kpi_bi_purchase_line
from . import kpi_bi_spend
from . import kpi_bi_touch
from . import kpi_import_purchase
from . import kpi_import_marketing
from . import kpi_bi_opportunity_event
from . import kpi_bi_analysis
from . import kpi_bi_analysis_page
from . import kpi_bi_analysis_market
from . import kpi_bi_analysis_sales
from . import kpi_bi_analysis_bridge
from . import kpi_bi_analysis_metrics
from . import kpi_bi_analysis_marketing
from . import kpi_dashboard_tile
from . import kpi_job

# the last one, as it speaks of what all others found
from . import kpi_bi_analysis_findings
