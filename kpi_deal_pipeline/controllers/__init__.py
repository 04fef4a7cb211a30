from . import commission
from . import deal
from . import performance
