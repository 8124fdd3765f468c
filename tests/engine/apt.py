"""Debian packages of any suite, unpacked into a folder of their own: nothing is installed."""

import os
import shutil
import subprocess
from pathlib import Path

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

_CONFIG = """
Dir::State "{0}"; Dir::State::status "/var/lib/dpkg/status"; Dir::Cache "{0}/cache";
Dir::Etc::sourcelist "{0}/sources.list"; Dir::Etc::sourceparts "-";
APT::Sandbox::User "root"; Acquire::Languages "none"; Acquire::Retries "2";
"""


def mirror() -> str:
    """The address that this machine's apt takes Debian's packages from."""
    shown = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for line in shown.splitlines():
        uri, _, release = line.partition(" ")
        if "security" not in uri and "security" not in release:
            return uri
    raise RuntimeError("apt knows no mirror of Debian")


def source_line(suite: str) -> str:
    return f"deb [signed-by={KEYRING}] {mirror()} {suite} main\n"


def unpacked(suite: str, names: tuple[str, ...], cache: Path) -> Path:
    """The folder that holds what the packages hold; downloaded once."""
    target = cache / f"{suite}-{'-'.join(names)}"
    if target.is_dir():
        return target
    work = cache / f"apt-{suite}-{os.getpid()}"
    partial = work / "root"
    for folder in ("lists/partial", "cache/archives/partial", "debs", "root"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    (work / "sources.list").write_text(source_line(suite))
    (work / "apt.conf").write_text(_CONFIG.format(work))
    environment = dict(os.environ, APT_CONFIG=str(work / "apt.conf"))
    for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "download", *names]):
        run(command, cwd=work / "debs", env=environment)
    for package in (work / "debs").iterdir():
        run(["dpkg", "-x", str(package), str(partial)])
    try:
        partial.rename(target)
    except OSError:  # another run was faster
        if not target.is_dir():
            raise
    shutil.rmtree(work, ignore_errors=True)
    return target


def run(command: list[str], **options: object) -> str:
    """What the command prints; raises with the end of it when it fails."""
    done = subprocess.run(  # type: ignore[call-overload]
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        timeout=170,
        **options,
    )
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command)} ended with {done.returncode}: {done.stdout[-800:]}"
        )
    return str(done.stdout)
