"""All settings, from the environment only.

YINGXU_DATA     data directory: keys, files, the embedded database (default: var/ beside this checkout)
DATABASE_URL    postgresql://… of your own server; without it the embedded PostgreSQL in the data directory
YINGXU_HOSTS    comma-separated host names that may be asked for (default: this machine)
YINGXU_ORIGINS  comma-separated https://… origins that browsers post from, when a proxy stands in front
YINGXU_PROXIES  comma-separated addresses of trusted proxies
YINGXU_HTTPS    1 when browsers reach the product by https
YINGXU_SCANNER  a command that gets each new file on its standard input: exit 0 clean, 1 bad (e.g. clamdscan --no-summary -)
YINGXU_OUTBOUND_NETWORKS  comma-separated networks of your own (10.1.0.0/16) that calls out may reach; else only the public internet
YINGXU_POOL     database connections each process may hold (default 6; 0: one per request)
YINGXU_PG_PROGRAMS  directory of pg_dump and pg_restore, when your own server is newer than the embedded one or wants TLS
YINGXU_METRICS_TOKEN  who sends it as a bearer may read /metrics from elsewhere (default: this machine only)
YINGXU_LOG      INFO prints one JSON line for each request and job (default WARNING)
YINGXU_DEBUG    1 for development
"""

import os
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("YINGXU_DATA", BASE_DIR / "var")).resolve()
DEBUG = os.environ.get("YINGXU_DEBUG") == "1"
HTTPS = os.environ.get("YINGXU_HTTPS") == "1"
EXPORT_ROWS = int(os.environ.get("YINGXU_EXPORT_ROWS", "200"))  # rows of personal data that leave without a second person
LOOK_SAID_HOURS = int(os.environ.get("YINGXU_LOOK_SAID_HOURS", "8"))  # how long what a look is for holds for one customer
LOOKS_A_DAY = int(os.environ.get("YINGXU_LOOKS_A_DAY", "30"))  # guarded files one person may open in a day before their keepers are told
POOL = int(os.environ.get("YINGXU_POOL", "6"))


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def _secret() -> str:
    path = DATA_DIR / "keys" / "secret"
    return path.read_text().strip() if path.exists() else ""


def _embedded() -> str:
    from config import postgres

    return postgres.url(DATA_DIR / "postgres")


def _database(url: str) -> dict:
    parts = urlsplit(url)
    options = {k: v[0] for k, v in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "yingxu",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "server_side_binding": True,
            "prepare_threshold": 3,
            "pool": {"min_size": 1, "max_size": POOL, "timeout": 10} if POOL else False,
            **options,
        },
    }


SECRET_KEY = os.environ.get("YINGXU_SECRET") or _secret() or "only-for-commands-that-need-no-secret"
KEYRING = DATA_DIR / "keys" / "keyring.json"
BACKUP_KEY = DATA_DIR / "keys" / "backup.json"
ERASURES = DATA_DIR / "erasures.jsonl"  # what was erased; carried beside every backup, applied again after a restore
FILES_DIR = DATA_DIR / "files"
ALLOWED_HOSTS = _list("YINGXU_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _list("YINGXU_ORIGINS")
TRUSTED_PROXIES = _list("YINGXU_PROXIES")

ROOMS = [
    "ui", "people", "matters", "files", "notices", "operations", "routing", "deadlines", "templates", "audit",
    "approvals", "tasks", "meetings", "privacy", "customers", "archives", "consulting", "needs", "relations", "intake", "emergencies", "upkeep", "agendas", "destruction", "policies", "desk", "portal", "api",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    *(f"yingxu.{room}" for room in ROOMS if (BASE_DIR / "yingxu" / room / "__init__.py").exists()),
]
MIDDLEWARE = [
    "yingxu.desk.metrics.Watched",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "yingxu.people.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "yingxu.matters.arrivals.Refused",
    "yingxu.people.middleware.Doors",
    "yingxu.base.web.Answers",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "config.jinja.Pages",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {"environment": "config.jinja.environment", "autoescape": True},
    }
]
DATABASES = {
    "default": _database(os.environ.get("DATABASE_URL") or _embedded())
}
EMBEDDED = os.environ.get("DATABASE_URL", _embedded()) == _embedded()  # the database is ours, so its log is ours to keep
SPOOL = DATA_DIR / "postgres" / "spool"  # where the embedded database puts the finished pieces of its log
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
PASSWORD_HASHERS = ["yingxu.people.passwords.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
TIME_ZONE = os.environ.get("YINGXU_ZONE", "Asia/Shanghai")
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
if os.environ.get("YINGXU_STATIC") == "hashed":  # set by `yingxu serve`, which collects the files
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "yingxu.ui.storage.Compact"},
    }

SESSION_ENGINE = "yingxu.people.sessions"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else "device"
SESSION_COOKIE_AGE = 24 * 3600  # at most; each session says how long it lives
CSRF_FAILURE_VIEW = "yingxu.base.web.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_MAX_BYTES = 25 * 1_048_576
FILE_SCANNER = os.environ.get("YINGXU_SCANNER", "")
REQUEST_MAX_BYTES = 50 * 1_048_576

OUTBOUND_NETWORKS = [str(ip_network(text)) for text in _list("YINGXU_OUTBOUND_NETWORKS")]
SMS_ENDPOINTS = {"aliyun": "https://dysmsapi.aliyuncs.com", "tencent": "https://sms.tencentcloudapi.com"}

METRICS_TOKEN = os.environ.get("YINGXU_METRICS_TOKEN", "")

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # framing is refused by the content security policy (frame-ancestors)
    *(("security.W005", "security.W021") if HTTPS else ()),  # other host names of the company are not ours to decide about
    *(() if HTTPS else ("security.W004", "security.W008", "security.W012", "security.W016")),
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "config.logs.Lines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", **({} if DEBUG else {"formatter": "lines"})}},
    "root": {"handlers": ["console"], "level": os.environ.get("YINGXU_LOG", "WARNING")},
    "loggers": {
        "procrastinate": {"level": "WARNING"},  # its lines hold what jobs were given
        "django.request": {"level": "ERROR"},  # what was refused is in the answer
        "_granian": {"handlers": ["console"], "propagate": False},
    },
}
