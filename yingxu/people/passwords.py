from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """19 MiB, two passes, one lane (OWASP's minimum for Argon2id); Django's default of 100 MiB is a denial of service."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
