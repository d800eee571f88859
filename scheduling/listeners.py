"""What happens next when something has happened to a booking, in this order."""

from scheduling.bookings.events import Booked, Cancelled, Moved
from scheduling.emails.listeners import queue_cancellations, queue_confirmations
from scheduling.events import listen_to

listen_to(Booked, queue_confirmations)
listen_to(Moved, queue_confirmations)
listen_to(Cancelled, queue_cancellations)
