"""Run `manage.py` and scripts in forks of one process.

It has loaded the site already, which takes most of the time of a command.
"""

import json
import subprocess
import sys
from pathlib import Path

from tests.support.demo_process import CHECKOUT

# A fork leaves the loop and continues like a process that was started for its command.
# What is loaded is frozen: at its end, a fork would look at all of it, and copy it, for longer than a command takes.
SERVER = """
import gc, json, os, runpy, sys
import django
django.setup()
import caledee.urls
import django.test
gc.freeze()
for line in sys.stdin:
    program, *words = json.loads(line)["command"]
    if not (fork := os.fork()):
        break
    _, status = os.waitpid(fork, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
else:
    sys.exit()
for stream, path in enumerate([os.devnull, *json.loads(line)["output"]]):
    os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC), stream)
sys.argv = [program, *words]
if program == "-c":
    exec(words[0], {"__name__": "__main__"})
else:
    runpy.run_path(program, run_name="__main__")
"""


class Forking:
    """The process, with environment variables of its own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.output = [folder / "stdout", folder / "stderr"]
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def __enter__(self) -> "Forking":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run `manage.py` with words, or `-c` with a script."""
        self.process.stdin.write(json.dumps({"command": command, "output": list(map(str, self.output))}) + "\n")
        code = int(self.process.stdout.readline())
        return subprocess.CompletedProcess(command, code, *(file.read_text() for file in self.output))
