from . import channel
from . import rule
from . import event
from . import webhook
from . import evaluation
from . import routing
from . import replay
from . import centre
