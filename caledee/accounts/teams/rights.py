"""What each role may do in its organization. Pure: who has which role is looked up by whoever asks."""

from caledee.accounts.roles import Role


def may_administer(role: str) -> bool:
    """Invite, and see who was invited."""
    return role in Role.administrators()


def may_manage(role: str, other: str) -> bool:
    """Change or remove somebody who is `other`: owners everybody, admins whoever is no owner."""
    return role == Role.OWNER or (role == Role.ADMIN and other != Role.OWNER)


def roles_to_give(role: str) -> list[Role]:
    """What somebody of this role may make of others: nobody makes more of them than they are."""
    return [other for other in Role if may_administer(role) and may_manage(role, other)]
