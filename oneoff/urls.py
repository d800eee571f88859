from django.urls import path

from oneoff.board.views import board, reopen
from oneoff.creator import views
from oneoff.proposals.views import answer, propose
from oneoff.views import feed, page

app_name = "oneoff"
urlpatterns = [
    path("one-offs/", board.board, name="board"),
    path("one-offs/new/", views.creator, name="create"),
    path("one-offs/<uuid:key>/", board.detail, name="detail"),
    path("one-offs/<uuid:key>/delete/", board.delete, name="delete"),
    path("one-offs/<uuid:key>/withdraw/", board.withdraw, name="withdraw"),
    path("one-offs/<uuid:key>/offer/", board.offer, name="offer"),
    path("one-offs/<uuid:key>/cancel/", board.cancel_booking, name="cancel"),
    path("feeds/<token:token>.ics", feed.calendar_feed, name="calendar_feed"),
    path("one-offs/<uuid:key>/reopen/", reopen.reopen_one_off, name="reopen"),
    path("one-offs/<uuid:key>/proposals/<uuid:proposal>/accept/", answer.accept_time, name="accept"),
    path("one-offs/<uuid:key>/proposals/<uuid:proposal>/decline/", answer.decline_proposal, name="decline"),
    path("<handle:handle>/o/<token:token>/", page.page, name="page"),
    path("<handle:handle>/o/<token:token>/propose/", propose.propose_times, name="propose"),
    path("<handle:handle>/o/<token:token>/opened/", page.opened, name="opened"),
    path("bookings/<token:token>/propose/", propose.propose_move, name="propose_move"),
]
