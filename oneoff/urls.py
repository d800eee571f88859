from django.urls import path

from oneoff.views import board, creator, feed, page

app_name = "oneoff"
urlpatterns = [
    path("one-offs/", board.board, name="board"),
    path("one-offs/new/", creator.creator, name="create"),
    path("one-offs/<uuid:key>/", board.detail, name="detail"),
    path("one-offs/<uuid:key>/delete/", board.delete, name="delete"),
    path("one-offs/<uuid:key>/withdraw/", board.withdraw, name="withdraw"),
    path("one-offs/<uuid:key>/cancel/", board.cancel_booking, name="cancel"),
    path("feeds/<token:token>.ics", feed.calendar_feed, name="calendar_feed"),
    path("<handle:handle>/o/<token:token>/", page.page, name="page"),
    path("<handle:handle>/o/<token:token>/opened/", page.opened, name="opened"),
]
