from .security import test_sudo_reasons
