"""Child processes: run them, time them, read their JSON, know their memory."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass


class Unavailable(Exception):
    """Something that can't be measured here; the message says why and goes into the report."""


@dataclass
class Finished:
    output: str
    seconds: float
    """Wall time from before the start to after the end."""
    peak_megabytes: float
    """The largest resident set (VmHWM), in 10^6 bytes."""


def environment(**changes: str) -> dict[str, str]:
    return os.environ | {name: str(value) for name, value in changes.items()}


def run(command: list, limit: float = 600, standard_input: str = "", **variables: str) -> Finished:
    """Runs to the end. Anything but success raises Unavailable with the last line of the standard error."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as source:
        source.write(standard_input.encode())
        source.seek(0)
        start = time.perf_counter()
        child = subprocess.Popen(
            [str(part) for part in command], stdin=source, stdout=output, stderr=errors,
            env=environment(**variables))
        usage = wait(child, limit)
        seconds = time.perf_counter() - start
        for file in (output, errors):
            file.seek(0)
        text, complaint = output.read().decode(errors="replace"), errors.read().decode(errors="replace")
    if child.returncode != 0:
        lines = [line.strip() for line in (complaint or text).splitlines() if line.strip()]
        name = os.path.basename(str(command[0]))
        if usage is None:
            raise Unavailable(f"{name} took more than {limit:.0f} seconds")
        raise Unavailable(f"{name} ended with {child.returncode}: {lines[-1] if lines else 'no message'}")
    return Finished(text, seconds, usage.ru_maxrss * 1024 / 1e6)


def wait(child: subprocess.Popen, limit: float):
    """Resource usage of this child alone, or None when it was killed at the limit."""
    was_killed = threading.Event()

    def kill():
        was_killed.set()
        child.kill()

    timer = threading.Timer(limit, kill)
    timer.start()
    _, status, usage = os.wait4(child.pid, 0)
    timer.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    return None if was_killed.is_set() else usage


@contextlib.contextmanager
def cores_awake():
    """Keeps every core at its speed with a loop that runs only where nothing else wants to."""
    loop = "import os; os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\nwhile True: pass"
    loops = []
    try:
        if hasattr(os, "SCHED_IDLE"):
            loops = [subprocess.Popen([sys.executable, "-c", loop]) for _ in range(os.cpu_count() or 1)]
            time.sleep(0.2)
        yield
    finally:
        for one in loops:
            one.kill()
            one.wait()


def run_json(command: list, limit: float = 600, **variables: str) -> dict:
    """The JSON in the last line of the child's output."""
    lines = run(command, limit, **variables).output.strip().splitlines()
    try:
        return json.loads(lines[-1])
    except (IndexError, ValueError):
        raise Unavailable(f"{os.path.basename(str(command[0]))} printed no JSON") from None
