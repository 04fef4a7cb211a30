from . import deal
from . import crm
from . import commission
from . import integration
from . import performance
from . import analytics
