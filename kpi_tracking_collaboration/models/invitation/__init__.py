"""Who is told of a discussion: nobody who may not see what it is about.

Odoo shows and mails a message to whoever is mentioned, whatever they may see. Each way
of naming somebody ends in a row of one of Odoo's models below, which is asked here.
"""

from . import kpi_confidential_mixin
from . import kpi_invited_thread_mixin
from . import kpi_invitation_mixin
from . import ir_attachment
from . import mail_activity
from . import mail_followers
from . import mail_mail
from . import mail_message
from . import mail_notification
from . import mail_scheduled_message
