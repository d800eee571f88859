from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from scheduling.rules import Refusal


class RefusalsMixin(forms.Form):
    """Shows what the rules of the domain refuse."""

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Show each sentence beside its field, or above the form if it has no such field.

        A field that is in error already keeps its own: its value could not be read.
        """
        unreadable = set(self.errors)
        for refusal in refusals:
            field = refusal.field if refusal.field in self.fields else None
            if field not in unreadable:
                self.add_error(field, ValidationError(refusal.sentence, code=refusal.reason))
