"""A request that is refused, as OData says it."""

import logging


class ODataFault(Exception):
    """What is wrong with a request.

    :param message: a sentence for whoever wrote the request
    :param status: of the answer; 501 = not to be had here
    """

    loglevel = logging.DEBUG  # for Odoo's server, which has done nothing wrong

    def __init__(self, message: str, status: int = 400):
        super().__init__(message)
        self.status = status
