from . import billing
from . import commission
from . import commission_statement
from . import deal
from . import performance
