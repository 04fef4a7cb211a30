"""Who is told of a discussion: nobody who may not see what it is about.

Odoo shows and mails a message to whoever is mentioned, whatever they may see. Each way
of naming somebody ends in a row of one of Odoo's models below, which is asked here.
"""

from . import kpi_invitation_mixin
