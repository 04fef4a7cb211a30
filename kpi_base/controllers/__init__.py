"""Routes of this addon; what every route is made of is ``rest/``.

A route parses, calls one method of a model and serialises; rules are the models'.
"""

from . import prefix
from . import token
from . import health
from . import audit
