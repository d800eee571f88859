"""URLs of account pages, with allauth's names. allauth's own pages are not included."""

from django.urls import URLPattern, path

from caledee.accounts.signin.views import login, mfa, passkeys, password_reset, security

urlpatterns: list[URLPattern] = [
    path("login/", login.login, name="account_login"),
    path("login/passkey/", passkeys.login, name="mfa_login_webauthn"),
    path("login/second-step/", mfa.authenticate, name="mfa_authenticate"),
    path("logout/", login.logout, name="account_logout"),
    path("signup/", login.signup, name="account_signup"),
    path("signup/again/", login.start_again, name="account_start_again"),
    path("verify/", login.verify_email, name="account_email_verification_sent"),
    path("inactive/", login.inactive, name="account_inactive"),
    path("security/", security.security, name="account_security"),
    path("email/", security.change_email, name="account_email"),
    path("password/change/", security.change_password, name="account_change_password"),
    path("password/set/", security.set_password, name="account_set_password"),
    path("password/reset/", password_reset.reset_password, name="account_reset_password"),
    path("password/reset/code/", password_reset.confirm_reset, name="account_confirm_password_reset_code"),
    path("password/reset/new/", password_reset.complete_reset, name="account_complete_password_reset"),
    path("confirm/", security.reauthenticate, name="account_reauthenticate"),
    path("confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("confirm/passkey/", passkeys.reauthenticate, name="mfa_reauthenticate_webauthn"),
    path("2fa/", security.redirect_to_security, name="mfa_index"),
    path("2fa/app/", mfa.activate_app, name="mfa_activate_totp"),
    path("2fa/app/remove/", mfa.deactivate_app, name="mfa_deactivate_totp"),
    path("2fa/codes/", mfa.recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/codes/new/", mfa.generate_codes, name="mfa_generate_recovery_codes"),
    path("2fa/codes/download/", mfa.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("passkeys/", security.redirect_to_security, name="mfa_list_webauthn"),
    path("passkeys/add/", passkeys.add, name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/", passkeys.edit, name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", passkeys.remove, name="mfa_remove_webauthn"),
]
