"""What each role can do in its organization. Pure functions: callers look up the roles."""

from caledee.accounts.roles import Role


def may_administer(role: str) -> bool:
    """Return whether the role can invite people and see invitations."""
    return role in Role.administrators()


def may_manage(role: str, other: str) -> bool:
    """Return whether the role can change or remove a member with the role `other`."""
    return role == Role.OWNER or (role == Role.ADMIN and other != Role.OWNER)


def roles_to_give(role: str) -> list[Role]:
    """Return the roles that this role can grant: only roles up to its own."""
    return [other for other in Role if may_administer(role) and may_manage(role, other)]
