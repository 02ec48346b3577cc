"""Django's settings, made from `LOKET_*` (see docs/operations.md). Nothing else reads the environment."""

from pathlib import Path

from loket.config import environment

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
SECRET_KEY = environment.text("SECRET_KEY", "only-for-tests-and-type-checks")
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "procrastinate.contrib.django",
    "loket.audit",
    "loket.limits",
    "loket.identity",
    "loket.privacy.keystore",
    "loket.privacy",
    "loket.files",
    "loket.notifications",
    "loket.catalogue",
    "loket.applications",
    "loket.casework",
    "loket.web",
    "loket.portal",
    "loket.desk",
]
INSTALLED_APPS = [
    app
    for app in INSTALLED_APPS
    if not app.startswith("loket.") or (_HERE / Path(*app.split(".")[1:])).is_dir()
]
# Every other key hangs from the first of these (privacy); the others are retired ones that still open what
# they sealed, until `loket privacy rotate` has run. Empty: whatever needs a key refuses to work.
MASTER_KEYS = environment.keys("MASTER_KEY")
# Where audit checkpoints are left for safe keeping: file:/path, git:/path or https://…; empty: nowhere.
AUDIT_WITNESS = environment.text("WITNESS")
# Public keys in hex that signed older checkpoints, besides those that follow from MASTER_KEYS.
AUDIT_KEYS = environment.keys("AUDIT_KEYS")
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
FILES = environment.folder("FILES", DATA / "files")
