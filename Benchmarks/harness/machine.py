"""The machine and the versions, for the report: no host names and no paths."""

import os
import platform
import re
import sqlite3
import subprocess
from pathlib import Path


def first_line(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = (done.stdout or done.stderr).splitlines()
    return lines[0].strip() if done.returncode == 0 and lines else None


def processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return first_line("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    name = re.search(r"^model name\s*:\s*(.*)$", text, re.M)
    flags = re.search(r"^flags\s*:\s*(.*)$", text, re.M)
    known = {"avx2": "AVX2", "avx512f": "AVX-512", "avx512_vnni": "VNNI", "avx512_bf16": "BF16", "amx_int8": "AMX"}
    present = [label for flag, label in known.items() if flags and flag in flags[1].split()]
    family = re.search(r"^cpu family\s*:\s*(\d+)\nmodel\s*:\s*(\d+)", text, re.M)
    numbers = f", family {family[1]} model {family[2]}" if family else ""
    return f"{name[1].strip() if name else platform.machine()}{numbers} ({', '.join(present)})"


def memory_gigabytes() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def system() -> str:
    try:
        return re.search(r'^PRETTY_NAME="?([^"\n]*)', Path("/etc/os-release").read_text(), re.M)[1]
    except (OSError, TypeError):
        return f"{platform.system()} {platform.release()}"


def versions(root: Path) -> dict[str, str]:
    found = {
        "Sibyl": first_line(str(root / "build" / "sibyl"), "version"),
        "commit": first_line("git", "-C", str(root), "rev-parse", "--short=12", "HEAD"),
        "Swift": first_line("swift", "--version"),
        "oneDNN": first_line("dpkg-query", "-W", "-f=${Version}", "libdnnl2")
        or first_line("dpkg-query", "-W", "-f=${Version}", "libdnnl3"),
        "sqlite3 shell": (first_line("sqlite3", "--version") or "").split(" ")[0] or None,
        "Python's sqlite3": sqlite3.sqlite_version,
    }
    return {name: value for name, value in found.items() if value}
