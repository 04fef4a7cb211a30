from . import people
from . import template
from . import clock
from . import request
from . import alert
from . import measures
from . import insight
from . import log
