"""Kinds of email. Each app adds the kinds that it sends, labeled to follow "the" in a sentence."""

from caledee.choices import OpenChoices

EMAIL_KINDS = OpenChoices()


def email_kinds() -> list[tuple[str, str]]:
    return EMAIL_KINDS.pairs()
