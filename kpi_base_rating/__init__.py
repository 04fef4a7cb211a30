from . import models
from .models.rating_rating import forget_names
