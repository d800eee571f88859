"""The forms of accounts, settings and teams."""

from caledee.account_pages import deletion_form, settings_form
from caledee.accounts.signin import forms as accounts
from caledee.accounts.signin import mfa_forms, passkey_forms
from caledee.accounts.teams import forms
from tests.authority import matrix
from tests.caledee.accounts.steps import KATHERINE
from tests.factories import PASSWORD
from tests.hostile.rows import FormRow, sent

SETTINGS = {
    "name": "Alan Turing", "handle": "alan", "time_zone": "Asia/Kolkata", "move_hours": "on", "clock": "24",
    "week_start": "0", "color_scheme": "system",
}  # fmt: skip
NEW_PASSWORD = {"password1": "orbit-the-earth-4"}

ACCOUNT_FORMS = [
    FormRow(
        "account_login",
        "anonymous",
        (accounts.LoginForm,),
        "login next",
        sent(login="ada@example.com", password=PASSWORD),
    ),
    FormRow("mfa_login_webauthn", "anonymous", (passkey_forms.LoginPasskeyForm,), "next credential", status=422),
    FormRow(
        "mfa_authenticate",
        "second step",
        (mfa_forms.CodeForm, passkey_forms.AuthenticatePasskeyForm),
        "credential",
        sent(code="x"),
        status=422,
    ),
    FormRow("choose_clock", "anonymous", (), "clock back", sent(clock="12", back="/")),
    FormRow("account_logout", "himself", (), "next"),
    FormRow(
        "account_signup",
        "anonymous",
        (accounts.SignupForm,),
        "password1 next homepage time_zone_choice",
        lambda _: KATHERINE,
        without="password2 username",
    ),
    FormRow("account_start_again", "signing up"),
    FormRow(
        "account_email_verification_sent",
        "signing up",
        (accounts.VerifyEmailForm,),
        "action",
        sent(code="x"),
        status=422,
    ),
    FormRow("account_email", "himself", (accounts.ChangeEmailForm,), "", sent(email="new@example.com")),
    FormRow(
        "account_change_password",
        "himself",
        (accounts.ChangePasswordForm,),
        "next",
        lambda _: NEW_PASSWORD | {"oldpassword": PASSWORD},
        without="password2",
    ),
    FormRow(
        "account_set_password",
        "without password",
        (accounts.SetPasswordForm,),
        "next",
        lambda _: NEW_PASSWORD,
        without="password2",
    ),
    FormRow("account_reset_password", "anonymous", (accounts.ResetPasswordForm,), "", sent(email="mary@example.com")),
    FormRow(
        "account_confirm_password_reset_code",
        "resetting",
        (accounts.ResetCodeForm,),
        "action",
        sent(code="x"),
        status=422,
    ),
    FormRow(
        "account_complete_password_reset",
        "choosing a password",
        (accounts.NewPasswordForm,),
        "",
        lambda _: NEW_PASSWORD,
        without="password2",
    ),
    FormRow("account_reauthenticate", "owner", (accounts.ReauthenticateForm,), "next", sent(password=PASSWORD)),
    FormRow(
        "mfa_reauthenticate",
        "with app",
        (mfa_forms.ReauthenticateCodeForm,),
        "next",
        sent(code="x"),
        status=422,
    ),
    FormRow(
        "mfa_reauthenticate_webauthn",
        "himself",
        (passkey_forms.ReauthenticatePasskeyForm,),
        "next credential",
        status=422,
    ),
    FormRow("mfa_activate_totp", "owner", (mfa_forms.ActivateAppForm,), "", sent(code="x"), status=422),
    FormRow("mfa_deactivate_totp", "with app"),
    FormRow("mfa_generate_recovery_codes", "with app"),
    FormRow(
        "mfa_add_webauthn",
        "himself",
        (passkey_forms.AddPasskeyForm,),
        "credential",
        sent(name="Key"),
        status=422,
        without="passwordless",
    ),
    FormRow("mfa_edit_webauthn", "himself", (passkey_forms.RenamePasskeyForm,), "", sent(name="Key"), matrix.passkey),
    FormRow("mfa_remove_webauthn", "himself", arguments=matrix.passkey),
    FormRow(
        "account_pages:settings", "himself", (settings_form.SettingsForm,), "time_zone_choice", lambda _: SETTINGS
    ),
    FormRow(
        "account_pages:delete",
        "himself",
        (deletion_form.DeleteAccountForm,),
        "",
        sent(password=PASSWORD),
        without="confirmation",
    ),
    FormRow(
        "account_pages:delete",
        "without password",
        (deletion_form.DeleteAccountForm,),
        "",
        sent(confirmation="delete"),
        without="password",
    ),
    FormRow("team:create", "owner", (forms.OrganizationForm,), "", sent(name="Chess Club", handle="chess-club")),
    FormRow(
        "team:edit",
        "owner",
        (forms.OrganizationForm,),
        "",
        sent(name="Engines", handle="engines"),
        matrix.organization,
    ),
    FormRow("team:delete", "owner", arguments=matrix.organization),
    FormRow("team:leave", "himself", arguments=matrix.organization),
    FormRow("team:teammate", "owner", (forms.RoleForm,), "role", sent(role="admin"), matrix.teammate),
    FormRow("team:remove", "owner", arguments=matrix.teammate),
    FormRow("team:transfer", "owner", arguments=matrix.teammate),
    FormRow("team:invite", "owner", (forms.InvitationForm,), "", matrix.invitation_form, matrix.organization),
    FormRow("team:resend", "owner", arguments=matrix.invitation),
    FormRow("team:withdraw", "owner", arguments=matrix.invitation),
    FormRow("team:invitation", "stranger", arguments=matrix.invitation_link),
]
