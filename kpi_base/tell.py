"""Telling whoever answers for something, or those who look after everything."""

from .roles import OFFICER

MOST_OFFICERS = 10


def find_officers(env):
    """Those who look after everything, whoever has been there longest first."""
    return env.ref(OFFICER).all_user_ids.filtered("active").sorted("id")


def tell_owner(env, owner, subject, body):
    """Notify the owner of what failed; the officers where nobody owns it any more.

    :param env: as superuser
    :param owner: ``res.users``, may be empty, archived or no employee
    :param subject, body: plain texts
    :return: ``res.users`` who were told
    """
    people = owner.filtered(lambda user: user.active and user._is_internal())
    people = people or find_officers(env)[:MOST_OFFICERS]
    if people:
        env["mail.thread"].message_notify(
            partner_ids=people.partner_id.ids, subject=subject, body=body
        )
    return people
