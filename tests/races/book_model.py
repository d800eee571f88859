"""A model of everything that can be done with meetings, as plain lists, without database or locks.

Times are quarters of an hour, counted from two o'clock; every meeting lasts two of them. What is refused is answered
with the exception's name.
"""

from dataclasses import dataclass, field

LAST_START = 10  # half past four: the working day ends at five


@dataclass(eq=False)
class Meeting:
    people: tuple[str, ...]
    held: bool
    times: set[int]
    is_open: bool = True
    booking: "Booked | None" = None
    is_deleted: bool = False


@dataclass(eq=False)
class Booked:
    people: tuple[str, ...]
    time: int
    meeting: Meeting | None = None
    is_cancelled: bool = False
    sequence: int = 0


@dataclass(eq=False)
class Asked:
    meeting: Meeting
    times: tuple[int, ...]
    booking: Booked | None
    answer: str = ""


@dataclass
class Books:
    meetings: list[Meeting] = field(default_factory=list)
    bookings: list[Booked] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def taken(self) -> list[tuple[str, int, object]]:
        """Return whose time is taken when, and by what."""
        booked = [(who, each.time, each) for each in self.bookings if not each.is_cancelled for who in each.people]
        holding = [each for each in self.meetings if each.held and each.is_open and not each.is_deleted]
        return booked + [(who, time, each) for each in holding for time in each.times for who in each.people]

    def is_free(self, people: tuple[str, ...], time: int, *, but_for: object = None) -> bool:
        return not any(
            who in people and abs(other - time) < 2 and claim is not but_for for who, other, claim in self.taken()
        )

    def create(self, people: tuple[str, ...], times: set[int], held: bool) -> str:
        if not all(self.is_free(people, time) for time in times):
            return "TimesTaken"
        self.meetings.append(Meeting(people, held, set(times)))
        return ""

    def book_link(self, meeting: Meeting, time: int) -> str:
        if not meeting.is_open or meeting.is_deleted:
            return "LinkClosed"
        if not self.is_free(meeting.people, time, but_for=meeting):
            return "SlotTaken"
        self._close(meeting, time)
        return ""

    def book_event_type(self, person: str, time: int) -> str:
        if time > LAST_START or not self.is_free((person,), time):
            return "SlotTaken"
        self.bookings.append(Booked((person,), time))
        return ""

    def move(self, booking: Booked, time: int) -> str:
        if booking.is_cancelled:
            return "BookingOver"
        if booking.time == time:
            return ""
        on_offer = booking.meeting.times if booking.meeting else range(0, LAST_START + 1, 2)
        if time not in on_offer or not self.is_free(booking.people, time, but_for=booking):
            return "SlotTaken"
        booking.time = time
        booking.sequence += 1
        return ""

    def cancel(self, booking: Booked) -> str:
        if not booking.is_cancelled:
            booking.is_cancelled = True
            booking.sequence += 1
        return ""

    def withdraw(self, meeting: Meeting, time: int) -> str:
        if not meeting.is_open:
            return "LinkClosed"
        meeting.times.discard(time)
        return ""

    def delete(self, meeting: Meeting) -> str:
        if meeting.booking and not meeting.booking.is_cancelled:
            return "LinkClosed"
        meeting.is_deleted = True
        self.asked = [each for each in self.asked if each.meeting is not meeting]
        return ""

    def reopen(self, meeting: Meeting) -> str:
        if meeting.is_open and meeting.times:
            return ""
        if meeting.booking and not meeting.booking.is_cancelled:
            return "LinkClosed"
        free = {time for time in meeting.times if self.is_free(meeting.people, time, but_for=meeting)}
        if not free:
            return "NothingFree"
        meeting.times, meeting.is_open, meeting.booking = free, True, None
        return ""

    def propose(self, meeting: Meeting, times: tuple[int, ...], booking: Booked | None) -> str:
        if booking is None and not meeting.is_open:
            return "LinkClosed"
        if booking is not None and booking.is_cancelled:
            return "BookingOver"
        of_meeting = [each for each in self.asked if each.meeting is meeting]
        waiting = [each for each in of_meeting if not each.answer and self._can_wait(each)]
        if len(waiting) >= 3 or len(of_meeting) >= 10:
            return "TooManyProposals"
        self.asked.append(Asked(meeting, times, booking))
        return ""

    def accept(self, asked: Asked, time: int) -> str:
        meeting = asked.meeting
        if asked.answer:
            booking = meeting.booking
            repeated = asked.answer == "accepted" and booking and not booking.is_cancelled and booking.time == time
            return "" if repeated else "AlreadyAnswered"
        if not self.is_free(meeting.people, time, but_for=asked.booking or meeting):
            return "TimesTaken"
        if asked.booking and asked.booking.is_cancelled:
            return "BookingOver"
        if not asked.booking and not meeting.is_open:
            return "LinkClosed"
        asked.answer = "accepted"
        meeting.times.add(time)
        if asked.booking:
            self.move(asked.booking, time)
            self._settle(meeting)
        else:
            self._close(meeting, time)
        return ""

    def decline(self, asked: Asked) -> str:
        if asked.answer not in {"", "declined"}:
            return "AlreadyAnswered"
        asked.answer = "declined"
        return ""

    def _close(self, meeting: Meeting, time: int) -> None:
        meeting.is_open = False
        meeting.booking = Booked(meeting.people, time, meeting)
        self.bookings.append(meeting.booking)
        self._settle(meeting)

    def _settle(self, meeting: Meeting) -> None:
        for each in self.asked:
            if each.meeting is meeting and not each.answer:
                each.answer = "otherwise"

    @staticmethod
    def _can_wait(asked: Asked) -> bool:
        return not asked.booking.is_cancelled if asked.booking else asked.meeting.is_open
