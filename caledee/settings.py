"""Settings. Everything that differs between installations comes from the environment."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from caledee.email.sender import parse_sender
from caledee.ops.base_url import host_of, parse_base_url, parse_hosts
from caledee.ops.environment import (
    parse_database_url,
    parse_days,
    parse_domains,
    parse_email_url,
    parse_keys,
    parse_networks,
)
from caledee.ops.variables import missing, read, read_choice, read_number, read_switch

BASE_DIR = Path(__file__).resolve().parent.parent

# The demo fills in missing settings. Everywhere else they prevent the start.
DEMO = read_switch("DEMO")
if names := missing():
    raise ImproperlyConfigured(
        f"Set {', '.join(names)} in the environment. caledee/deploy/README.md describes them; "
        "`manage.py demo` needs none of them."
    )

# Addresses

BASE_URL = parse_base_url(read("BASE_URL"))
SERVED_OVER_HTTPS = BASE_URL.startswith("https://")

BASE_HOST = host_of(BASE_URL)
ALLOWED_HOSTS = parse_hosts(read("ALLOWED_HOSTS"), BASE_HOST)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
ROOT_URLCONF = "caledee.urls"
WSGI_APPLICATION = "caledee.wsgi.application"

# Applications

INSTALLED_APPS = [
    "caledee",
    "caledee.accounts",
    "caledee.email",
    "caledee.limits",
    "caledee.upkeep",
    "scheduling",
    "scheduling.calendars",
    "oneoff",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "caledee.web.middleware.log_requests",
    "caledee.limits.clients.detect_unknown_proxies",
    "caledee.web.middleware.read_refused_body",
    "caledee.web.middleware.protect_secret_urls",
    # Comes before anything that can refuse a request: error pages must not be framed either.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "caledee.web.middleware.health_checks_first",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "caledee.web.middleware.set_reader",
    "caledee.web.middleware.RefusedAdminQueries",
    "django_htmx.middleware.HtmxMiddleware",
    "caledee.web.middleware.htmx_whole_page_redirect",
    "caledee.web.resending.LoginRequiredKeepingInput",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "caledee.web.unavailable.KeepFormInput",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "parts",
        "DIRS": [BASE_DIR / "templates" / "parts"],
        "APP_DIRS": True,
        "OPTIONS": {"environment": "caledee.web.parts.environment"},
    },
]
FORM_RENDERER = "caledee.web.forms.FormRenderer"

# Database, cache and background tasks: all in PostgreSQL, shared by every process

DATABASES = {"default": parse_database_url(read("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The cache holds attempt counts. Django's default of 300 entries would often discard a third of them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

# Language and time: moments are stored and handled in UTC, and converted when shown

LANGUAGE_CODE = "en-gb"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

# Email

MAILERS = {"default": parse_email_url(read("EMAIL_URL"))}
DEFAULT_FROM_EMAIL = str(parse_sender(read("DEFAULT_FROM_EMAIL"), host=BASE_HOST))
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Accounts

AUTH_USER_MODEL = "accounts.User"
# A constraint makes emails unique regardless of case. This check does not recognize it.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/event-types/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "caledee.accounts.signin.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "caledee.accounts.signin.forms.LoginForm",
    "signup": "caledee.accounts.signin.forms.SignupForm",
    "confirm_email_verification_code": "caledee.accounts.signin.forms.VerifyEmailForm",
    "add_email": "caledee.accounts.signin.forms.ChangeEmailForm",
    "reset_password": "caledee.accounts.signin.forms.ResetPasswordForm",
    "confirm_password_reset_code": "caledee.accounts.signin.forms.ResetCodeForm",
    "reset_password_from_key": "caledee.accounts.signin.forms.NewPasswordForm",
    "change_password": "caledee.accounts.signin.forms.ChangePasswordForm",
    "set_password": "caledee.accounts.signin.forms.SetPasswordForm",
    "reauthenticate": "caledee.accounts.signin.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Verification and password reset use codes: a mail scanner that opens every link cannot complete either.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = 3
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
RATE_LIMITS = read_switch("RATE_LIMITS")
# Invitations email arbitrary addresses: limits per sender, and tighter ones per recipient.
INVITATION_LIMITS = {"invite": "60/h/user", "invite_address": "5/h/key"}
# `caledee.limits` counts these, with one statement per attempt and never by a key that many people share.
COUNTED_ELSEWHERE = dict.fromkeys(
    ["login", "login_failed", "signup", "reset_password", "confirm_email", "reauthenticate", "change_password"], ""
)
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = INVITATION_LIMITS | COUNTED_ELSEWHERE if RATE_LIMITS else False
MFA_ADAPTER = "caledee.accounts.signin.mfa.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "caledee.accounts.signin.mfa_forms.CodeForm",
    "reauthenticate": "caledee.accounts.signin.mfa_forms.ReauthenticateCodeForm",
    "activate_totp": "caledee.accounts.signin.mfa_forms.ActivateAppForm",
    "add_webauthn": "caledee.accounts.signin.passkey_forms.AddPasskeyForm",
    "edit_webauthn": "caledee.accounts.signin.passkey_forms.RenamePasskeyForm",
    "login_webauthn": "caledee.accounts.signin.passkey_forms.LoginPasskeyForm",
    "authenticate_webauthn": "caledee.accounts.signin.passkey_forms.AuthenticatePasskeyForm",
    "reauthenticate_webauthn": "caledee.accounts.signin.passkey_forms.ReauthenticatePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A clock can be off by one step of 30 seconds (RFC 6238, section 5.2).
MFA_TOTP_TOLERANCE = 1
# Browsers accept plain http for localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SERVED_OVER_HTTPS
# A passkey cannot be guessed, so other attempts never block it.
MFA_RATE_LIMITS: dict[str, str] | bool = {"webauthn_login": ""}
# How many of your proxies add to X-Forwarded-For. The client's address is read from it.
ALLAUTH_TRUSTED_PROXY_COUNT = read_number("TRUSTED_PROXY_COUNT", 0, 10)
# Who can sign up. The demo is open to everyone on its machine.
SIGNUP = read_choice("SIGNUP", ["open", "invited", "closed"])
SIGNUP_DOMAINS = parse_domains("SIGNUP_DOMAINS", read("SIGNUP_DOMAINS"))
if SIGNUP_DOMAINS and SIGNUP != "open":
    raise ImproperlyConfigured("SIGNUP_DOMAINS applies only if SIGNUP is open. Set SIGNUP=open as well.")
DEFAULT_PLAN = read_choice("DEFAULT_PLAN", ["free", "pro", "team"])

# Days after a meeting until invitee data is removed. None keeps it for as long as the organizer has an account.
INVITEE_DATA_DAYS = parse_days("INVITEE_DATA_DAYS", read("INVITEE_DATA_DAYS"))

# Connected calendars

# Keys for stored secrets. The first one encrypts. Without any, a key is derived from SECRET_KEY.
CALENDAR_KEYS = parse_keys("CALENDAR_KEYS", read("CALENDAR_KEYS"))
# Networks of your own that requests can go to, with http as well.
CALENDAR_ALLOWED_NETWORKS = parse_networks("CALENDAR_ALLOWED_NETWORKS", read("CALENDAR_ALLOWED_NETWORKS"))
CALENDAR_REFRESH_SECONDS = read_number("CALENDAR_REFRESH_SECONDS", 5, 86_400)
# How long a reading counts. After that, the person's pages offer no times until the next one.
CALENDAR_STALE_SECONDS = read_number("CALENDAR_STALE_SECONDS", 10, 604_800)
if CALENDAR_STALE_SECONDS < CALENDAR_REFRESH_SECONDS:
    raise ImproperlyConfigured("CALENDAR_STALE_SECONDS can't be less than CALENDAR_REFRESH_SECONDS.")

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = Path(read("STATIC_ROOT").strip() or BASE_DIR / ".caledee" / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "caledee.web.staticfiles.StaticFilesStorage"},
}

# Security

SECRET_KEY = read("SECRET_KEY")
SECURE_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "caledee.web.sessions"
MESSAGE_STORAGE = "caledee.web.message_storage.MessageStorage"
SESSION_COOKIE_SECURE = SERVED_OVER_HTTPS
CSRF_COOKIE_SECURE = SERVED_OVER_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "caledee.web.resending.csrf_failure"
SECURE_SSL_REDIRECT = SERVED_OVER_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SERVED_OVER_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SERVED_OVER_HTTPS
SECURE_HSTS_PRELOAD = SERVED_OVER_HTTPS
if read_switch("TRUST_X_FORWARDED_PROTO"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 0

# Logs

LOG_FORMAT = read_choice("LOG_FORMAT", ["json", "line"])
LOGGING_CONFIG = "caledee.ops.logs.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "caledee.ops.logs.JsonFormatter"},
        "line": {"()": "caledee.ops.logs.FactsFormatter"},
    },
    "filters": {"faults": {"()": "caledee.ops.logs.FaultsFilter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "caledee.requests": {"level": "INFO"},
        # The request log already covers 4xx responses, and `runserver` logs would contain addresses.
        "django.request": {"level": "ERROR", "filters": ["faults"]},
        "django.security.csrf": {"level": "ERROR"},
        # A form refused for its size or its files is not an error.
        "django.security.RequestDataTooBig": {"level": "CRITICAL"},
        "django.security.TooManyFieldsSent": {"level": "CRITICAL"},
        "django.security.TooManyFilesSent": {"level": "CRITICAL"},
        "django.server": {"level": "ERROR", "handlers": []},
        # Below this level, they log URLs and headers.
        "httpcore2": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
    },
}
