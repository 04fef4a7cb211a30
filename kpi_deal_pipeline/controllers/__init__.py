from . import commission_statement
from . import deal
