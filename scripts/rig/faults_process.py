"""Faults of the process: killed, stopped, without a log, and what it may write to."""
import os
import pathlib
import re
import shutil
import signal
import subprocess

from rig.bench import Skipped, check, fault


@fault("SIGKILL and a new start under load", takes=True)
def killed(run):
    lost = run.kill(signal.SIGKILL)
    run.agent.start()
    if run.is_peer:
        return "served again"
    return f"{lost:.0f} lines since the last scrape went with it"


@fault("stopped for 3 s, then let go on (suspend)", takes=True)
def stopped(run):
    run.agent.tell(signal.SIGSTOP)
    run.hold(3)
    run.agent.tell(signal.SIGCONT)
    return "went on"


def write_log(run):
    for _ in range(20):
        if not run.is_peer:
            run.agent.tell(signal.SIGHUP)
        run.hold(0.05)
    check(run.agent.process.poll() is None, "it ended with its log")
    return "served on"


@fault("the reader of its log is gone", takes=True)
def no_reader(run):
    run.kill(signal.SIGTERM)
    read, write = os.pipe()
    run.agent.log = write
    run.agent.start()
    os.close(write)
    os.close(read)
    return write_log(run)


@fault("its log is on a full disk", takes=True)
def full_log(run):
    run.kill(signal.SIGTERM)
    with open("/dev/full", "w") as full:
        run.agent.log = full
        run.agent.start()
    return write_log(run)


@fault("its log can only be read", takes=True)
def read_only_log(run):
    run.kill(signal.SIGTERM)
    with open("/etc/passwd") as no_log:
        run.agent.log = no_log
        run.agent.start()
    return write_log(run)


def traced(folder):
    if not shutil.which("strace"):
        raise Skipped("there is no strace")
    return ["strace", "-f", "-qq", "-o", str(folder / "trace"), "-e",
            "trace=open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,"
            "truncate,chmod,fchmodat,chown,mknod,execve,ptrace,setuid,mount"]


@fault("all that it writes to, as the kernel sees it", peer=False, wrap=traced,
       flags=lambda folder: [f"--statsd.listen-unixgram={folder}/s"])
def writes(run):
    run.hold(1)
    calls = (run.folder / "trace").read_text().splitlines()
    check(any("openat(" in call for call in calls), "the trace has nothing")
    changes = [call for call in calls if not re.search(r"\bopen(at)?\(.*O_RDONLY", call) and "(" in call]
    wrong = [call for call in changes if str(run.folder / "s") not in call and "/dev/null" not in call
             and "execve(" not in call and "---" not in call and "<..." not in call]
    check(not wrong, f"it writes: {wrong[:3]}")
    check(sum("execve(" in call for call in calls) == 1, "it starts a program")
    return "nothing but its socket"


SECRET = "hunter2-in-a-header"


@fault("secrets in requests and flags: logs, pages, help")
def secrets(run):
    request = subprocess.run(["curl", "-s", "-u", f"admin:{SECRET}", f"http://127.0.0.1:{run.agent.web[1]}/?token={SECRET}"],
                             capture_output=True, text=True)
    pages = [run.agent.ask(5, path)[0] or "" for path in ("/", "/metrics")]
    for text in (request.stdout, run.agent.said(), *pages):
        check(SECRET not in text, "a secret is repeated")
    return "none is repeated"
