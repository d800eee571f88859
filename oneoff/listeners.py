"""What happens next when something has happened to a one-off meeting, in this order."""

from oneoff.emails.listeners import (
    queue_answer,
    queue_creations,
    queue_deletions,
    queue_ends_of_suggestions,
    queue_late_answer,
    queue_reopenings,
    queue_suggestion,
    queue_withdrawal,
)
from oneoff.events import (
    Created,
    Deleted,
    Reopened,
    SuggestionDeclined,
    SuggestionSettled,
    TimesSuggested,
    TimeWithdrawn,
)
from scheduling.events import listen_to

listen_to(Created, queue_creations)
listen_to(TimeWithdrawn, queue_withdrawal)
listen_to(Deleted, queue_deletions)
listen_to(Deleted, queue_ends_of_suggestions)
listen_to(Reopened, queue_reopenings)
listen_to(TimesSuggested, queue_suggestion)
listen_to(SuggestionDeclined, queue_answer)
listen_to(SuggestionSettled, queue_late_answer)
