"""Fetching with each registry's own client, into a cache outside the tree."""
import hashlib
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "barnabas-clients"
LONGEST_SECONDS = 600


class NotFetched(Exception):
    """The registry or its client is not there at the moment: no fault of the broker."""


def fetched(command, folder, manifests):
    """Runs a command of a registry's client in a folder, once for each content of the manifests."""
    if shutil.which(command[0]) is None:
        raise NotFetched(f"{command[0]} is not installed")
    stamp, wanted = folder / "fetched", digest_of(command, manifests)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    environment = {**os.environ, "CI": "true", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=LONGEST_SECONDS, env=environment)
    except subprocess.TimeoutExpired:
        raise NotFetched(f"{command[0]} was stopped after {LONGEST_SECONDS} s") from None
    if done.returncode != 0:
        raise NotFetched(f"{' '.join(command[:3])} ended with {done.returncode}; try it in {folder}")
    stamp.write_text(wanted)


def folder_with(name, files):
    """The cache folder of a client, with fresh copies of its files."""
    folder = CACHE / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy(HERE / file, folder)
    return folder


def built(command, folder, sources):
    """Runs a compiler in a folder, once for its sources and what was fetched; without sources always."""
    stamp, wanted = folder / "built", digest_of(command, sources)
    wanted += (folder / "fetched").read_text() if (folder / "fetched").exists() else ""
    if sources and stamp.exists() and stamp.read_text() == wanted:
        return
    subprocess.run(command, cwd=folder, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                   stderr=subprocess.STDOUT)
    stamp.write_text(wanted)


def digest_of(command, files):
    digest = hashlib.sha256(repr(command).encode())
    for file in files:
        digest.update((HERE / file).read_bytes())
    return digest.hexdigest()
