"""Where background work finds what is mailed about accounts."""

from caledee.accounts.invitation_mail import mail_invitation, mail_removal, mail_role

__all__ = ["mail_invitation", "mail_removal", "mail_role"]
