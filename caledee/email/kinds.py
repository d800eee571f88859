"""What emails are about. Each app adds the kinds of email that it sends, with what they are called in a sentence."""

from caledee.choices import OpenChoices

EMAIL_KINDS = OpenChoices()


def email_kinds() -> list[tuple[str, str]]:
    return EMAIL_KINDS.pairs()
