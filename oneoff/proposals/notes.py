"""What an invitee sees of the times they suggested for a booked meeting."""

from caledee.timekeeping.wording import say_when
from oneoff.models import Answer, CounterProposal
from scheduling.models import Booking
from scheduling.sources import Note

HEADING = "You suggested other times"
WAITING = "Not answered yet."
TOO_LATE = "Not answered."


def notes_about(booking: Booking) -> list[Note]:
    """Return a note for each suggestion, except accepted ones, whose times are the meeting's own. Two queries."""
    proposals = CounterProposal.objects.filter(booking=booking).prefetch_related("times")
    return [_note(each, booking) for each in proposals if each.answer != Answer.ACCEPTED]


def _note(proposal: CounterProposal, booking: Booking) -> Note:
    answer = f"{booking.organizer.name} declined." if proposal.answer == Answer.DECLINED else TOO_LATE
    return Note(
        heading=HEADING,
        lines=[say_when(time.period, booking.invitee_zone) for time in proposal.times.all()],
        state=answer if proposal.answer else WAITING,
        quotation=proposal.answer_note,
    )
