"""What opens a service's door: credentials, certificates, proxy, unix socket; never shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Self, TypedDict

Path = str | PathLike[str]


class AccessOptions(TypedDict, total=False):
    """The keywords that every call takes that asks a server.

    auth : (user, password), sent as HTTP basic authentication.
    bearer : a token, sent as `Authorization: Bearer TOKEN`.
    headers : further headers, such as `X-Scope-OrgID`.
    cert : a client certificate: one PEM file with its key, or (certificate, key).
    verify : a PEM file, or folder, with the authorities that are trusted; without it the usual ones.
    proxy : the address of a proxy. Without it the one of the environment (HTTPS_PROXY, NO_PROXY).
    unix_socket : the path of a socket to connect to in place of host and port.
    """

    auth: tuple[str, str] | None
    bearer: str | None
    headers: Mapping[str, str] | None
    cert: Path | tuple[Path, Path] | None
    verify: Path | None
    proxy: str | None
    unix_socket: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The same, checked; its repr shows no value."""

    auth: tuple[str, str] | None = field(default=None, repr=False)
    bearer: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cert: Path | tuple[Path, Path] | None = field(default=None, repr=False)
    verify: Path | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    unix_socket: Path | None = field(default=None, repr=False)

    @classmethod
    def of(cls, options: AccessOptions) -> Self:
        """Check what a caller gave."""
        given = {name: value for name, value in options.items() if value is not None}
        return cls(**given)  # type: ignore[arg-type]


ANYONE = Access()
