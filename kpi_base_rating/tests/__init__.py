from .models import test_rating_rating
