"""Audit checks of emails about organizations."""

from caledee.ops.audit import Check

# Records are kept for a month, and older invitations may predate the first record.
INVITATIONS_ARE_MAILED = Check(
    "Every invitation to an organization has an email.",
    """
    SELECT invitation.id AS invitation
    FROM accounts_invitation invitation
    LEFT JOIN scheduling_mailrecord mail ON mail.subject = invitation.id AND mail.kind = 'invitation'
    WHERE mail.id IS NULL
        AND invitation.created_at >= %(now)s - interval '29 days'
        AND invitation.created_at >= (SELECT min(queued_at) FROM scheduling_mailrecord WHERE kind = 'invitation')
    """,
)

CHECKS = [INVITATIONS_ARE_MAILED]
