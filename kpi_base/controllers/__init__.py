"""Routes of this addon; what every route is made of is ``rest/``.

A route parses, calls one method of a model and serialises; rules are the models'.
"""

from . import refusal
from . import editor
from . import pivot
from . import prefix
from . import rpc
from . import platform
from . import audit
from . import approval
