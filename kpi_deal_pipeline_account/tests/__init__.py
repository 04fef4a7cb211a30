from .models import test_account_move
from .models import test_account_move_sale
