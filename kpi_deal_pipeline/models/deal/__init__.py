from . import kpi_deal_property
from . import kpi_deal_stage
from . import kpi_deal_tag
from . import kpi_deal
from . import kpi_deal_access
from . import kpi_deal_contact
from . import kpi_deal_document
from . import kpi_deal_split
