"""Django's settings, made from `LOKET_*` (see docs/operations.md). Nothing else reads the environment."""

from pathlib import Path

from loket.config import environment, logs

_HERE = Path(__file__).resolve().parent.parent

DEMO = environment.switch("DEMO")
DATA = environment.folder("DATA", Path.cwd() / "var")
DATABASES = {
    "default": environment.database(
        "DATABASE_URL", environment.text("DATABASE_URL", "postgresql://loket@127.0.0.1/loket")
    ),
    "keys": environment.database(
        "KEYS_URL", environment.text("KEYS_URL", "postgresql://loket@127.0.0.1/loket_keys")
    ),
}
DATABASE_ROUTERS = ["loket.config.routers.KeyStoreRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "identity.Person"
USE_TZ = True
TIME_ZONE = "UTC"
SECRET_KEY = environment.text("SECRET_KEY", environment.TEST_SECRET_KEY)
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "loket.audit",
    "loket.limits",
    "loket.upkeep",
    "loket.identity",
    "loket.privacy.keystore",
    "loket.privacy",
    "loket.files",
    "loket.notifications",
    "loket.documents",
    "loket.payments",
    "loket.webhooks",
    "loket.catalogue",
    "loket.applications",
    "loket.casework",
    "loket.web",
    "loket.portal.accounts",
    "loket.portal",
    "loket.desk",
    "loket.api",
]
INSTALLED_APPS = [
    app
    for app in INSTALLED_APPS
    if not app.startswith("loket.") or (_HERE / Path(*app.split(".")[1:]) / "apps.py").is_file()
]
# Every other key hangs from the first of these (privacy); the others are retired ones that still open what
# they sealed, until `loket privacy rotate` has run. Empty: whatever needs a key refuses to work.
MASTER_KEYS = environment.keys("MASTER_KEY")
# Where audit checkpoints are left for safe keeping: file:/path, git:/path or https://…; empty: nowhere.
AUDIT_WITNESS = environment.text("WITNESS")
# Public keys in hex that signed older checkpoints, besides those that follow from MASTER_KEYS.
AUDIT_KEYS = environment.keys("AUDIT_KEYS")
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
# A worker says every 5 seconds that it lives; after 20 of silence others take up its jobs (config.rescuing).
PROCRASTINATE_WORKER_DEFAULTS = {"update_heartbeat_interval": 5.0, "stalled_worker_timeout": 20.0}
PROCRASTINATE_ON_APP_READY = "loket.config.carrying.carry"
FILES = environment.folder("FILES", DATA / "files")
# A collector of traces, for OTLP over HTTP, such as http://localhost:4318; empty: none (web.traces).
OTEL_ENDPOINT = environment.text("OTEL_ENDPOINT")
# Back-ups: of data and files, and, elsewhere and for a shorter time, of keys (docs/operations.md).
BACKUP_FOLDER = environment.folder_or_none("BACKUP_FOLDER")
BACKUP_KEYS_FOLDER = environment.folder_or_none("BACKUP_KEYS_FOLDER")
BACKUP_PASSPHRASE = environment.secret("BACKUP_PASSPHRASE")
BACKUP_KEYS_PASSPHRASE = environment.secret("BACKUP_KEYS_PASSPHRASE")
BACKUP_PUBLIC_KEY = next(iter(environment.keys("BACKUP_PUBLIC_KEY")), b"")
BACKUP_DAYS = environment.whole_number("BACKUP_DAYS", 35)
BACKUP_KEYS_DAYS = environment.whole_number("BACKUP_KEYS_DAYS", 7)
# A role that may copy the whole server, for going back to a point in time; nothing else uses it.
REPLICATION_URL = environment.secret("REPLICATION_URL")
POSTGRESQL_PROGRAMS = environment.folder_or_none("POSTGRESQL_PROGRAMS")
LOGGING = logs.configuration(environment.text("LOG_LEVEL", "INFO").upper())
# A proxy in front always sets X-Request-ID itself; what others send under that name counts for nothing.
REQUEST_ID_FROM_PROXY = environment.switch("REQUEST_ID_FROM_PROXY")
# Figures for Prometheus at /metrics: to who brings the token; without one, to programs on this machine.
METRICS_TOKEN = environment.secret("METRICS_TOKEN")
METRICS = environment.switch("METRICS", default=bool(METRICS_TOKEN))
METRICS_FOLDER = environment.metrics_folder(DATA) if METRICS else None

# How people reach this site, for the links in messages; and whose phone numbers need no prefix.
PUBLIC_ADDRESS = environment.text("PUBLIC_ADDRESS", "http://localhost:8000").rstrip("/")
COUNTRY = environment.text("COUNTRY", "KE")
# Who knows it is told by /ready what is not well; otherwise only this machine itself.
HEALTH_TOKEN = environment.secret("HEALTH_TOKEN")
# The waiting room's memory, which `loket serve` makes for all its workers; without it, each has its own.
CROWD_BOARD = environment.folder_or_none("CROWD_BOARD")
SITE_NAME = environment.text("SITE_NAME", "Loket")
# The town or county that all of it is for; in the header of every page.
PLACE_NAME = environment.by_language("PLACE_NAME")
ALLOWED_HOSTS = [host for host in environment.text("HOSTS", "localhost,127.0.0.1,[::1]").split(",") if host]
CSRF_TRUSTED_ORIGINS = [origin for origin in environment.text("ORIGINS").split(",") if origin]
# Behind a proxy that ends TLS and always sets this header itself.
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if environment.switch("BEHIND_TLS_PROXY") else None
)
SECURE_COOKIES = environment.switch("SECURE_COOKIES", default=not DEMO)
DEBUG = False
ROOT_URLCONF = "loket.config.urls"
WSGI_APPLICATION = "loket.config.wsgi.application"

MIDDLEWARE = [
    "loket.web.observed.Observed",
    "loket.web.middleware.SecurityHeaders",
    "loket.web.health.Health",
    "loket.web.maintenance.Maintenance",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "loket.web.middleware.CompressedPages",
    # Whatever is below /api/ ends here.
    "loket.api.door.ApiDoor",
    "loket.web.middleware.PageLanguage",
    "loket.web.middleware.DatabaseAway",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    # Django's own for sessions, sign-in and messages, where they are needed.
    "loket.web.known.KnownPeople",
    "allauth.account.middleware.AccountMiddleware",
    "loket.web.doorkeeper.Doorkeeper",
]
TEMPLATES = [
    {
        "NAME": "jinja2",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "loket.web.templates.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "loket.web.shell.chrome",
                "loket.web.kept.form_token",
            ],
        },
    }
]
KIND_TEMPLATES = _HERE / "forms" / "kinds"
# In the signed cookie, so that anonymous people cost no session row.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
CSRF_FAILURE_VIEW = "loket.web.errors.please_send_again"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
# Nobody signs up: an administrator makes accounts. The field tells allauth that passwords are used.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_ADAPTER = "loket.portal.accounts.adapter.StaffDoor"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
# An office sits behind one address, so these are generous; what must hold for an account is in the adapter.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,10/5m/key"}
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
MFA_ADAPTER = "loket.portal.accounts.adapter.SecondFactors"
MFA_FORMS = {
    "authenticate": "loket.portal.accounts.forms.CodeForm",
    "reauthenticate": "loket.portal.accounts.forms.CodeAgainForm",
    "add_webauthn": "loket.portal.accounts.passkeys.AddPasskeyForm",
    "login_webauthn": "loket.portal.accounts.passkeys.PasskeyForm",
    "reauthenticate_webauthn": "loket.portal.accounts.passkeys.PasskeyAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# Browsers allow passkeys without TLS on localhost only, which is where the demo runs.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
# A phone whose clock is half a minute off still gets in.
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = SITE_NAME
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Where staff pass, or first set up, their second factor.
SECOND_FACTOR_URL = environment.text("SECOND_FACTOR_URL", "mfa_index")

STATIC_URL = "/static/"
# The front-end build already hashes and compresses; nothing needs collecting.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"/built/[\w-]+\.[0-9a-f]{12}\.\w+$"

USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("id", "Bahasa Indonesia"), ("sw", "Kiswahili")]
# Every package and plug-in folder brings its own texts.
LOCALE_PATHS = sorted(_HERE.glob("**/locale"))

# Cookies end with the browser: a shared computer is the normal case.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# And with the working day, for browsers that keep session cookies when they close.
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None
# Which plug-ins carry which medium, by comma, the next where one fails; empty: smtp for e-mail and nothing
# for SMS, and in the demo its outbox.
EMAIL_CHANNEL = environment.text("EMAIL_CHANNEL")
SMS_CHANNEL = environment.text("SMS_CHANNEL")
# Which ways to pay people are offered, in this order; empty: offline, and in the demo the sandbox before it.
PAYMENT_PROVIDERS = [key for key in environment.text("PAYMENT_PROVIDERS").replace(" ", "").split(",") if key]
# Where bank transfers go: one text for all agencies, or {"agency-key": text, …} as JSON.
BANK_ACCOUNT = environment.by_agency("BANK_ACCOUNT")
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", "no-reply@localhost")
# Far below the lease of a message on its way (notifications.delivery).
EMAIL_TIMEOUT = 20
globals().update(environment.mail_server("EMAIL_URL"))
# The SMS gateway as apprise writes it, with {to} where the number goes.
APPRISE_SMS = environment.text("APPRISE_SMS")
# GOV.UK Notify, or what speaks like it: its key, templates of ((subject)) and ((body)), call-backs' token.
NOTIFY_KEY = environment.text("NOTIFY_KEY")
NOTIFY_ADDRESS = environment.text("NOTIFY_ADDRESS", "https://api.notifications.service.gov.uk")
NOTIFY_EMAIL_TEMPLATE = environment.text("NOTIFY_EMAIL_TEMPLATE")
NOTIFY_SMS_TEMPLATE = environment.text("NOTIFY_SMS_TEMPLATE")
NOTIFY_CALLBACK_TOKEN = environment.text("NOTIFY_CALLBACK_TOKEN")
# Ways to pay; one without its secrets is not offered (docs/payments.md).
PAYMENT_CALL_SECONDS = 15
STRIPE_ADDRESS = environment.text("STRIPE_ADDRESS", "https://api.stripe.com")
STRIPE_SECRET_KEY = environment.secret("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRETS = tuple(environment.secret("STRIPE_WEBHOOK_SECRET").split())
MPESA_ADDRESS = environment.text("MPESA_ADDRESS", "https://api.safaricom.co.ke")
MPESA_CONSUMER_KEY = environment.secret("MPESA_CONSUMER_KEY")
MPESA_CONSUMER_SECRET = environment.secret("MPESA_CONSUMER_SECRET")
MPESA_SHORTCODE = environment.text("MPESA_SHORTCODE").strip()
MPESA_PASSKEY = environment.secret("MPESA_PASSKEY")
MPESA_TILL = environment.text("MPESA_TILL").strip()
MPESA_INITIATOR = environment.text("MPESA_INITIATOR").strip()
MPESA_SECURITY_CREDENTIAL = environment.secret("MPESA_SECURITY_CREDENTIAL")
# Networks that webhooks may reach although they are not the internet's, such as 10.20.0.0/16; by comma.
WEBHOOKS_PRIVATE = environment.networks("WEBHOOKS_PRIVATE")
# host:port or unix:/path of a virus scanner; empty: files are not scanned.
CLAMAV = environment.text("CLAMAV")
UPLOAD_MAX_BYTES = 10 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_HANDLERS = ["loket.files.intake.CappedUploadHandler"]
