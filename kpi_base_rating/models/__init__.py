from . import rating_rating
