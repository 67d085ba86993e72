"""Connections: where to, without ever showing the password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from regionmap.errors import InputError, MissingExtraError, StoreError

SCHEMES = ("postgresql", "postgres")
SCHEMA = "regionmap"
TIMEOUT_S = 10
_NAME = re.compile(r"[^\x00\"]{1,63}")


class Secret:
    """A text that no repr, log or traceback shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "'***'"

    __str__ = __repr__

    def reveal(self) -> str:
        return self._text


@dataclass(frozen=True)
class Target:
    """A schema of a database.

    Attributes
    ----------
    label : what may be printed: no password.
    schema : the schema that holds the region.
    """

    label: str
    schema: str
    conninfo: Secret = field(repr=False)
    passwords: tuple[Secret, ...] = field(repr=False)

    def scrubbed(self, text: object) -> str:
        """A message of the driver without the password in it."""
        out = str(text).strip()
        for secret in self.passwords:
            out = out.replace(secret.reveal(), "***")
        return out


def is_url(path: Any) -> bool:
    """Whether `rm.open` is given a database."""
    return isinstance(path, str) and path.startswith(tuple(f"{s}://" for s in SCHEMES))


def target(url: str) -> Target:
    """Where a URL `postgresql://[user[:password]@]host[:port]/database[?schema=NAME&...]` leads.

    Raises
    ------
    InputError : no such URL, or a schema name that is none; the message does not repeat the URL.
    MissingExtraError : psycopg is not installed.
    """
    try:
        import psycopg  # noqa: F401
    except ImportError as gone:
        raise MissingExtraError("psycopg", "postgis", "a database") from gone
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InputError("the database's URL can't be read: a sign in it must be percent-encoded, perhaps") from None
    if not is_url(url) or len(parts.path) < 2:
        raise InputError("a database is named postgresql://user@host:port/database?schema=NAME")
    options = parse_qsl(parts.query, keep_blank_values=True)
    schema = next((v for k, v in options if k == "schema"), SCHEMA)
    if not _NAME.fullmatch(schema) or len(schema.encode()) > 63:
        raise InputError(f"schema={schema!r}: 1 to 63 bytes without quotation marks")
    kept = [(k, v) for k, v in options if k != "schema"]
    secrets = {unquote(parts.password or ""), parts.password or "", *(v for k, v in kept if "password" in k)} - {""}
    conninfo = urlunsplit(parts._replace(query=urlencode(kept, quote_via=quote)))
    user = f"{parts.username}@" if parts.username else ""
    host = f"{parts.hostname or ''}{f':{port}' if port else ''}"
    label = f"{parts.scheme}://{user}{host}{parts.path}?schema={quote(schema)}"
    return Target(label, schema, Secret(conninfo), tuple(map(Secret, sorted(secrets, key=len, reverse=True))))


@contextmanager
def connected(where: Target, *, snapshot: bool = False) -> Iterator[Any]:
    """A connection with one transaction, committed at the end; whatever goes wrong before leaves nothing behind.

    snapshot : all it reads is of one moment.

    Raises
    ------
    StoreError : no connection, or one that broke; no rights; what the database refuses.
    """
    import psycopg

    try:
        with psycopg.connect(
            where.conninfo.reveal(), connect_timeout=TIMEOUT_S, application_name="regionmap"
        ) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ if snapshot else None
            yield connection
    except psycopg.Error as error:
        raise StoreError(f"{where.label}: {_reason(error)}: {where.scrubbed(error)}") from None


def _reason(error: Any) -> str:
    import psycopg

    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return "the database does not allow it"
    if isinstance(error, psycopg.errors.IntegrityError):
        return "a constraint of the database refuses it, nothing was changed"
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.InvalidSchemaName):
        return "no region there"
    if isinstance(error, psycopg.OperationalError):
        return "no connection, or it broke; nothing was changed"
    return "the database refuses it, nothing was changed"
