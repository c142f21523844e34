"""Label sets of a service that labels its requests: some tens of distinct ones."""

from functools import cache

Labels = tuple[tuple[str, str], ...]
"""Pairs of key and value, sorted by key."""

LABEL_SETS = 48

_PATHS = ("/api/v1/users", "/api/v1/orders", "/push")
_ROLES = ("ack", "deliver", "read", "write")


@cache
def label_sets() -> tuple[Labels, ...]:
    """Return the distinct sets."""
    return tuple(
        (("client", f"c-{number}"), ("path", _PATHS[number % len(_PATHS)]), ("role", _ROLES[number % len(_ROLES)]))
        for number in range(LABEL_SETS)
    )


def in_header(labels: Labels) -> str:
    """Print a set as go1.27 does behind the brackets: quoted only where another character than `A-Za-z0-9./_` stands.

    >>> in_header((("client", "c-17"), ("role", "ack")))
    '{client: "c-17", role: ack}'
    """
    return "{" + ", ".join(f"{key}: {_quoted_if_needed(value)}" for key, value in labels) + "}"


def in_debug1(labels: Labels) -> str:
    """Print a set as debug=1 does.

    >>> in_debug1((("client", "c-17"), ("role", "ack")))
    '{"client":"c-17", "role":"ack"}'
    """
    return "{" + ", ".join(f'"{key}":"{value}"' for key, value in labels) + "}"


def _quoted_if_needed(value: str) -> str:
    plain = all(character.isascii() and (character.isalnum() or character in "./_") for character in value)
    return value if plain else f'"{value}"'
