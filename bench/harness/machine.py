"""What this machine is, and the few things that a run asks of it."""
import os
import platform
import re
import socket
import subprocess
import time


def free_port(count=1):
    """The first of `count` neighbouring ports on 127.0.0.1 that nobody listens on."""
    while True:
        holders = []
        try:
            first = socket.socket()
            first.bind(("127.0.0.1", 0))
            holders.append(first)
            port = first.getsockname()[1]
            for offset in range(1, count):
                held = socket.socket()
                holders.append(held)
                held.bind(("127.0.0.1", port + offset))
            return port
        except (OSError, OverflowError):
            continue
        finally:
            for held in holders:
                held.close()


def wait_for_port(port, process, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode} before it listened")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.002)
    raise RuntimeError(f"nobody listens on port {port} after {seconds} s")


def _first_match(path, pattern):
    try:
        with open(path) as file:
            match = re.search(pattern, file.read(), re.MULTILINE)
            return match.group(1).strip() if match else "unknown"
    except OSError:
        return "unknown"


def fsync_ms(folder, times=50):
    """The median of appending 4 KiB and waiting for the disk, in ms."""
    path = os.path.join(folder, "fsync-probe")
    taken = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            began = time.monotonic()
            os.fdatasync(file.fileno())
            taken.append(time.monotonic() - began)
    os.unlink(path)
    return sorted(taken)[times // 2] * 1000


def facts(folder, repository):
    commit = subprocess.run(["git", "-C", repository, "rev-parse", "--short", "HEAD"],
                            capture_output=True, text=True).stdout.strip()
    memory_kib = int(_first_match("/proc/meminfo", r"MemTotal:\s+(\d+)") or 0)
    return {"date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), "commit": commit,
            "cores": os.cpu_count(), "cpu": _first_match("/proc/cpuinfo", r"model name\s*:\s*(.*)"),
            "memory_gb": round(memory_kib / 1e6, 1), "kernel": platform.release(),
            "load_average": os.getloadavg()[0],
            "congestion_control": _first_match("/proc/sys/net/ipv4/tcp_congestion_control", r"(\w+)"),
            "fdatasync_ms": round(fsync_ms(folder), 3)}


def first_cores():
    """The two cores that a reader and its server are put on; the same one twice where there is one only."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[min(1, len(allowed) - 1)]


def place(pid, cores):
    """All threads that the process has now run on `cores`."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(thread), cores)


def drop_from_page_cache(folder):
    """Writes the files' dirty pages and asks the kernel to forget them, so that the next read is cold."""
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                descriptor = os.open(os.path.join(root, name), os.O_RDONLY)
            except OSError:
                continue
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
