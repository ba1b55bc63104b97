"""`make test-wheel`: every subcommand of an installed wheel, without the repository, a network or rights to write.

Run it by the Python of an environment that holds the wheel and nothing of the project beside it. The folders of the
environment may be written by nobody, those of the texts have spaces and letters beyond ASCII in their names.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from every_command import COMMANDS, arguments_of, make_inputs

INSTALLED = Path(sysconfig.get_path("purelib"))
# Runs in each process before the command: whoever wants a socket ends with a traceback.
NO_NETWORK = """
import socket, sys
def refuse(*_, **__): raise RuntimeError("the network was used")
socket.socket = type("Refusing", (socket.socket,), {"__init__": refuse})
socket.create_connection = socket.getaddrinfo = refuse
import stance.cli
sys.exit(stance.cli.main())
"""


def without_rights() -> None:
    """Take from root the right to write wherever it likes (CAP_DAC_OVERRIDE)."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP


def started(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=300, preexec_fn=without_rights
    )


def installed() -> dict[str, tuple[int, int]]:
    """All files of the environment with their sizes and times."""
    paths = (path for path in INSTALLED.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in paths}


def read_only(closed: bool) -> None:
    for path in (INSTALLED, *INSTALLED.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222 if closed else path.stat().st_mode | 0o200)


def main() -> int:
    began = time.perf_counter()
    read_only(True)
    before, failures = installed(), 0
    try:
        with tempfile.TemporaryDirectory(prefix="Ärger über Gaza ") as name:
            folder = Path(name, "déclarations communes 声明")
            make_inputs(folder)
            where = started([sys.executable, "-c", "import stance; print(stance.__file__)"], folder).stdout.strip()
            if not where.startswith(str(INSTALLED)):
                print(f"the package must be the installed one, got {where}; run me in an environment of the wheel")
                return 1
            for number, (title, line) in enumerate(COMMANDS.items()):
                arguments = arguments_of(line, folder, folder / f"résultat {number}")
                done = started([sys.executable, "-c", NO_NETWORK, *arguments], folder)
                if done.returncode:
                    failures += 1
                    print(f"{title}: status {done.returncode}: {done.stderr[-500:]}")
            script = started([str(Path(sys.executable).with_name("stance")), "score", "before.txt"], folder)
            failures += "condemn" not in script.stdout
        failures += installed() != before
    finally:
        read_only(False)
    print(f"{len(COMMANDS) + 1} runs of the wheel, {failures} failures, {time.perf_counter() - began:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
