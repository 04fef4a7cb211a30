from . import deal
from . import crm
from . import integration
from . import commission
