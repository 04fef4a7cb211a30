"""Pictures whose pixels would fill the memory, refused by their header.

A file of 100 KB can hold 30,000 × 30,000 pixels: 3.6 GB once it is opened. Odoo opens
pictures before it compares their size.
"""

import io

from PIL import Image

from odoo.exceptions import UserError
from odoo.tools.image import IMAGE_MAX_RESOLUTION


def check_picture_size(env, content: bytes) -> None:
    """Refuse a picture with more pixels than Odoo's own limit; nothing is decoded.

    Files that are no pictures, or broken ones, are left to whoever opens them.

    :raises UserError: it has more
    """
    try:
        with Image.open(io.BytesIO(content)) as picture:
            width, height = picture.size
        is_large = width * height > IMAGE_MAX_RESOLUTION
    except Image.DecompressionBombError:  # Pillow's limit is above Odoo's
        is_large = True
    except (OSError, SyntaxError, ValueError):
        return

    if is_large:
        raise UserError(
            env._(
                "The picture is too large. The limit is %s megapixels.",
                round(IMAGE_MAX_RESOLUTION / 1e6),
            )
        )
