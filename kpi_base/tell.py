"""Telling whoever answers for something, or those who look after everything."""

from odoo import fields
from odoo.tools import plaintext2html

from .roles import OFFICER

MOST_OFFICERS = 10
TOLD = "told:"  # keys of these messages begin with it


def find_officers(env):
    """Those who look after everything, whoever has been there longest first."""
    return env.ref(OFFICER).all_user_ids.filtered("active").sorted("id")


def tell_owner(record, owner, subject, body, **values):
    """Have the owner know what failed; the officers where nobody owns it any more.

    :param record: what it is about, as superuser
    :param owner: ``res.users``, may be empty, archived or no employee
    :param subject, body: plain texts
    :param values: as ``tell`` takes them
    :return: ``res.users`` who are told
    """
    people = owner.filtered(lambda user: user.active and user._is_internal())
    people = people or find_officers(record.env)[:MOST_OFFICERS]
    tell(record, people, subject, plaintext2html(body), **values)
    return people


def tell(record, people, subject, html, *, moment=None, **values):
    """Queue a message to each of ``people``; the same of a moment only once.

    :param moment: default: the present one
    :param values: others of the message, as ``kpi.delivery._queue`` takes them
    """
    about = f"{TOLD}{record._name}:{record.id}:{subject}"
    about += f":{moment or fields.Datetime.now()}"
    record.env["kpi.delivery"]._queue(
        [
            {
                "key": f"{about}:{person.id}",
                "user_id": person.id,
                "subject": subject,
                "body": html,
                **values,
            }
            for person in people
        ]
    )
