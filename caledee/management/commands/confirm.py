from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from caledee.accounts.models import User


class Command(BaseCommand):
    help = "Confirm email addresses of accounts without sending codes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="+", help="the email address of an account")

    def handle(self, *args: Any, **options: Any) -> None:
        people = [_find(email) for email in options["email"]]
        for person in people:
            is_new = person.confirm_email()
            self.stdout.write(f"{person.email} is confirmed." if is_new else f"{person.email} was already confirmed.")


def _find(email: str) -> User:
    found = User.objects.filter(email__iexact=email.strip(), closed_at=None).first()
    if found is None:
        raise CommandError(f"No account has the email address “{email}”. Nothing was changed.")
    return found
