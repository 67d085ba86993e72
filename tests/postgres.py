"""A throw-away PostgreSQL with PostGIS on loopback, started by the tests, password and all; none is a failure."""

from __future__ import annotations

import atexit
import functools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest

USER, PASSWORD = "planner", "geh€im:/@ %41"  # every sign that a URL must encode
QUOTED = "geh%E2%82%ACim%3A%2F%40%20%2541"
NEEDED = "apt-get install postgresql postgis (PostgreSQL 14 or newer), or make test, which does it"


def programs() -> Path:
    """The folder of initdb and pg_ctl."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    found = [p for p in folders if (p / "initdb").is_file() and int(p.parent.name) >= 14]
    if not found and (there := shutil.which("initdb")):
        found = [Path(there).parent]
    if not found:
        pytest.fail(f"no PostgreSQL found: {NEEDED}", pytrace=False)
    return found[-1]


@functools.cache
def cluster() -> int:
    """Start a server of our own; its port. It ends with the tests."""
    folder, bin_ = Path(tempfile.mkdtemp(prefix="regionmap-pg-")), programs()
    data, secret = folder / "data", folder / "password"
    secret.write_text(PASSWORD, "utf-8")
    before: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses root
        owner = pwd.getpwnam("postgres")
        for path in (folder, secret):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        before = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*words: Any) -> None:
        done = subprocess.run([*before, *map(str, words)], capture_output=True, text=True, cwd=folder, check=False)
        if done.returncode:
            log = (folder / "log").read_text("utf-8") if (folder / "log").is_file() else ""
            pytest.fail(f"PostgreSQL does not start: {done.stderr}{log}\n{NEEDED}", pytrace=False)

    run(bin_ / "initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"

    def stop() -> None:
        subprocess.run([*before, str(bin_ / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    run(bin_ / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    with admin(port, "postgres") as connection:
        connection.execute("CREATE DATABASE made")
    try:
        with admin(port, "made") as connection:
            connection.execute("CREATE EXTENSION postgis")
    except psycopg.Error as error:
        pytest.fail(f"no PostGIS: {error}\n{NEEDED}", pytrace=False)
    return port


def admin(port: int, name: str) -> Any:
    return psycopg.connect(host="127.0.0.1", port=port, user=USER, password=PASSWORD, dbname=name, autocommit=True)


class Database:
    """A database with PostGIS and nothing in it."""

    def __init__(self, port: int) -> None:
        self.port, self.name = port, f"d{uuid.uuid4().hex[:12]}"
        with admin(port, "postgres") as connection:
            connection.execute(f"CREATE DATABASE {self.name} TEMPLATE made")
        self.url = self.through(port)

    def through(self, port: int, **more: str) -> str:
        """Its URL, by another port perhaps."""
        tail = "".join(f"&{k}={v}" for k, v in more.items())
        return f"postgresql://{USER}:{QUOTED}@127.0.0.1:{port}/{self.name}?sslmode=disable{tail}"

    def run(self, statement: str, *values: Any) -> list[Any]:
        with admin(self.port, self.name) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def database() -> Any:
    return Database(cluster())
