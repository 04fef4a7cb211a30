from . import kpi_deal_crm_stage
from . import crm_lead
from . import crm_team
