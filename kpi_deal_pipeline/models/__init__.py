from . import deal
from . import commission
