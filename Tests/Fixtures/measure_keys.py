"""Measures how long a key takes until its frame is drawn, in the real program on a pseudo-terminal.

    python3 Tests/Fixtures/measure_keys.py .build/release/triptych [--sizes 10,100,1000] [--tasks generate,fill-mask]

For each task and size (in kB of prompt) the text is pasted. Then keys are typed at the end and in the middle, each
after the screen has been idle for a while, and the time from the key to the first byte of its frame is measured. Then
SIGTERM is sent during a paste, with a megabyte of keys queued, and while the text is tokenized.
"""

import argparse
import fcntl
import os
import pty
import random
import select
import signal
import statistics
import struct
import tempfile
import termios
import time

WORDS = "once upon a time there was little ship that sailed to the wonderful sea and its captain never slept".split()


def text(size):
    chooser = random.Random(1)
    out = []
    length = 0
    while length < size:
        word = chooser.choice(WORDS) + (".\n" if chooser.random() < 0.01 else " ")
        out.append(word)
        length += len(word)
    return "".join(out)[:size]


class Session:
    def __init__(self, program, task):
        self.home = tempfile.mkdtemp()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(HOME=self.home, TERM="xterm-256color", XDG_STATE_HOME=self.home, XDG_CONFIG_HOME=self.home)
            os.execv(program, [program, "play", "--task", task])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        os.set_blocking(self.fd, False)
        self.still(2.0)

    def read(self, timeout):
        if not select.select([self.fd], [], [], timeout)[0]:
            return None
        try:
            return os.read(self.fd, 1 << 16)
        except OSError:
            return b""

    def still(self, quiet):
        """Reads until no output has arrived for a while."""
        while True:
            data = self.read(quiet)
            if data is None or data == b"":
                return

    def write(self, data):
        while data:
            _, ready, _ = select.select([], [self.fd], [], 5)
            if not ready:
                return
            try:
                data = data[os.write(self.fd, data[:4096]):]
            except BlockingIOError:
                pass
            while self.read(0):
                pass

    def key(self, data):
        self.still(0.15)
        start = time.monotonic()
        os.write(self.fd, data)
        self.read(30)
        return (time.monotonic() - start) * 1000

    def end(self, number=signal.SIGTERM):
        """The seconds until the program ends."""
        start = time.monotonic()
        os.kill(self.pid, number)
        while time.monotonic() - start < 30:
            self.read(0.005)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                assert code in (143, -15), code
                return time.monotonic() - start
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return float("inf")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--sizes", default="10,100,1000")
    parser.add_argument("--tasks", default="generate,fill-mask")
    parser.add_argument("--keys", type=int, default=20)
    parser.add_argument("--no-signals", action="store_true")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    print("task       kB      where    median ms   max ms")
    for task in options.tasks.split(","):
        for size in map(int, options.sizes.split(",")):
            session = Session(program, task)
            session.write(b"\x1b[200~" + text(size * 1000).encode() + b"\x1b[201~")
            session.still(1.0 + size / 500)
            for where in ("end", "middle"):
                if where == "middle":
                    for _ in range(18 * min(size, 100) // 10):
                        os.write(session.fd, b"\x1b[A")
                    session.still(1.0 + size / 500)
                times = [session.key(b"xy z"[i % 4 : i % 4 + 1]) for i in range(options.keys)]
                print(f"{task:10} {size:5}   {where:6} {statistics.median(times):9.1f} {max(times):9.1f}", flush=True)
            session.end()
    if options.no_signals:
        return
    whole = text(1_000_000).encode()
    session = Session(program, "generate")
    session.write(b"\x1b[200~" + whole[:600_000])
    print(f"SIGTERM during a paste: {session.end():.2f} s")
    session = Session(program, "generate")
    session.write(whole)
    print(f"SIGTERM with a megabyte of keys queued: {session.end():.2f} s")
    session = Session(program, "generate")
    session.write(b"\x1b[200~" + whole + b"\x1b[201~")
    print(f"SIGTERM while a megabyte is tokenized: {session.end():.2f} s")


main()
