"""URLs of organizations: team pages and the page of an invitation."""

from django.urls import path

from caledee.accounts.teams.views import invitation_page, invitations, team, teammates

app_name = "team"
urlpatterns = [
    path("team/", team.team, name="team"),
    path("team/new/", team.create, name="create"),
    path("team/<uuid:key>/", team.organization, name="organization"),
    path("team/<uuid:key>/edit/", team.edit, name="edit"),
    path("team/<uuid:key>/delete/", team.delete, name="delete"),
    path("team/<uuid:key>/leave/", team.leave, name="leave"),
    path("team/<uuid:key>/people/<uuid:person>/", teammates.teammate, name="teammate"),
    path("team/<uuid:key>/people/<uuid:person>/remove/", teammates.remove, name="remove"),
    path("team/<uuid:key>/people/<uuid:person>/transfer/", teammates.transfer, name="transfer"),
    path("team/<uuid:key>/invite/", invitations.invite_person, name="invite"),
    path("team/<uuid:key>/invitations/<uuid:invitation>/resend/", invitations.resend, name="resend"),
    path("team/<uuid:key>/invitations/<uuid:invitation>/withdraw/", invitations.withdraw, name="withdraw"),
    path("invitations/<token:token>/", invitation_page.invitation, name="invitation"),
]
