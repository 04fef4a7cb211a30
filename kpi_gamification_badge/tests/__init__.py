from . import test_sudo_reasons
from .models import test_gamification_badge
