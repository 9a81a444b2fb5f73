"""The second half of scripts/demo: starts the mock CRM and the daemon, sends calls as a dialplan engine does, and shows
what became of them.

Usage: demo.py FOLDER_OF_THE_PROGRAMS. Exit status 0 when every call was decided as it should be.
"""

import contextlib
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass

DID = "+31502102544"
CUSTOMER = "+31612345678"
PATIENCE = 30  # seconds that a busy machine may take for something that needs milliseconds


@dataclass(frozen=True)
class Case:
    """One call of the demo: what the table says of it, whom it asks for, and how it should end."""

    title: str
    webhook: str
    expected: str  # `success`, or the reason of a failure
    callerid: str = CUSTOMER
    codes: tuple[str | None, ...] = ()  # what the caller enters, question by question; None lets the time pass


CASES = [
    Case("a customer calls", "crm", "success"),
    Case("somebody else calls", "crm", "success", "+31201234567"),
    Case("a withheld number calls", "crm", "success", ""),
    Case("an unwanted caller", "crm", "nak", "+31900123456"),
    Case("the CRM has an error", "err", "err"),
    Case("the call is sent by POST", "post", "success"),
    Case("a wrong code, then the right one", "members", "success", codes=("4321#", "1234#")),
    Case("no code at all, three times", "members", "ivr_timeout", codes=(None, None, None)),
    Case("the web server redirects", "redirect", "success"),
    Case("a sloppy reply", "sloppy", "success"),
    Case("a web page instead of a reply", "bad-reply", "bad_reply"),
    Case("the CRM is overloaded", "503", "http_status"),
    Case("no answer within 300 ms", "hang", "timeout"),
    Case("an answer drop by drop", "drip", "timeout"),
    Case("closed without a word", "close", "connect"),
    Case("the web server is down", "down", "connect"),
    Case("an address that egress forbids", "metadata", "egress"),
]


def configuration(folder, mock, closed_port):
    """The daemon's YAML: one webhook for each way in which a web server can behave."""
    query = "?did={did}&callerid={callerid}"
    paths = ["err", "redirect", "sloppy", "bad-reply", "503", "hang", "drip", "close"]
    messages = "start_message: enter-code, incorrect_message: wrong-code, timeout_message: too-slow"
    webhooks = [f'  crm: {{ url: "{mock}/crm{query}" }}', f'  post: {{ url: "{mock}/crm", method: POST }}',
                f'  members: {{ url: "{mock}/members{query}&code={{code}}", ivr: {{ {messages} }} }}']
    webhooks += [f'  "{path}": {{ url: "{mock}/{path}{query}", timeout: 300ms }}' for path in paths]
    webhooks += [f'  down: {{ url: "http://127.0.0.1:{closed_port}/{query}" }}',
                 f'  metadata: {{ url: "http://169.254.169.254/{query}" }}']
    return "\n".join([f"server: {{ socket: {folder}/dialhook.sock, control: {folder}/control.sock }}",
                      "egress: { allow: [127.0.0.0/8] }  # the mock is on this machine",
                      "webhooks:", *webhooks, ""])


class Failed(Exception):
    """Something that the demo needs did not work; the text is for the user."""


@contextlib.contextmanager
def running(command, **options):
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def mock_crm(programs):
    """Yields the mock's URL and its output, which is read without waiting."""
    command = [programs / "dialhookctl", "mock", "--listen", "127.0.0.1:0"]
    with running(command, stdout=subprocess.PIPE) as process:
        first = b""
        if select.select([process.stdout], [], [], PATIENCE)[0]:
            first = process.stdout.readline()
        if not first.startswith(b"listening on "):
            raise Failed("the mock web server did not start")
        os.set_blocking(process.stdout.fileno(), False)
        yield first.decode().split()[-1], process.stdout


@contextlib.contextmanager
def daemon(programs, folder, config):
    """Yields the path of the engines' socket when the daemon says, as to systemd, that it is ready."""
    (folder / "dialhook.yaml").write_text(config, encoding="utf-8")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(folder / "log", "w+b") as log:
        notify.bind(str(folder / "notify"))
        notify.settimeout(0.1)
        command = [programs / "dialhookd", "--config", folder / "dialhook.yaml"]
        with running(command, stderr=log, env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")}) as process:
            for _ in range(PATIENCE * 10):
                with contextlib.suppress(TimeoutError):
                    if b"READY=1" in notify.recv(4096):
                        yield folder / "dialhook.sock"
                        return
                if process.poll() is not None:
                    break
            raise Failed("the daemon did not start:\n" + (folder / "log").read_text(errors="replace"))


class Engine:
    """A dialplan engine as small as it can be: JSON-RPC over a Unix socket, one JSON text a line."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile("rw", encoding="utf-8")

    def route(self, number, case):
        """The decision for a call; on the way the caller enters the codes that are asked for."""
        result = self.ask(number, "call.route", {"webhook": case.webhook, "did": DID, "callerid": case.callerid})
        codes = iter(case.codes)
        while result["action"] == "collect":
            code = next(codes, None)
            entered = {"timeout": True} if code is None else {"code": code}
            result = self.ask(number, "call.continue", {"state": result["state"], **entered})
        return result

    def ask(self, number, method, params):
        question = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        print(json.dumps(question), file=self.lines, flush=True)
        answer = json.loads(self.lines.readline())
        if "result" not in answer:
            raise Failed(f"the daemon refused a call: {answer.get('error')}")
        return answer["result"]


def decision_text(decision):
    """`success: dial +31502102544, VoysTelecom`, or `failure: timeout`."""
    if decision["branch"] != "success":
        return f"failure: {decision['reason']}"
    told = [decision["destination"] and f"dial {decision['destination']}", decision["callername"]]
    return "success: " + ", ".join(part for part in told if part)


def time_text(decision):
    return f"{decision['elapsed_ms']:.1f} ms" if decision["elapsed_ms"] >= 0.05 else "< 0.1 ms"


def exchanges(output):
    """The requests that the mock has got since the last time, and its replies. It prints a line before it answers, so what
    belongs to a decision is there when the decision is."""
    pairs = [line.split(" -> ", 1) for line in (output.read() or b"").decode().splitlines()]
    requests = [pair[0] for pair in pairs] or ["(none)"]
    replies = [pair[1] for pair in pairs] or ["(none)"]
    return ", then ".join(requests), ", then ".join(replies)


class Table:
    """Rows that are printed as they come, each cell wrapped to its column."""

    TITLES = ("CALL", "REQUEST THAT WENT OUT", "REPLY", "DECISION", "TIME")

    def __init__(self):
        width = max(100, shutil.get_terminal_size((150, 24)).columns)
        call, time = (29 if width >= 140 else 17), 9
        free = width - call - time - 4 * 2
        self.widths = (call, free * 3 // 8, free * 3 // 8, free - 2 * (free * 3 // 8), time)
        self.row(self.TITLES)
        self.row(["-" * width for width in self.widths])

    def row(self, cells):
        columns = [self.wrapped(cell, width) for cell, width in zip(cells, self.widths)]
        for line in range(max(map(len, columns))):
            parts = [column[line] if line < len(column) else "" for column in columns]
            print("  ".join(part.ljust(width) for part, width in zip(parts, self.widths)).rstrip())
        sys.stdout.flush()

    @staticmethod
    def wrapped(text, width):
        """At a space or behind an ampersand unless that leaves most of a line empty, else anywhere."""
        lines = []
        while len(text) > width:
            cut = max(text.rfind(" ", 0, width), text.rfind("&", 0, width)) + 1
            cut = cut if cut > width // 4 else width
            lines.append(text[:cut].rstrip())
            text = text[cut:].lstrip()
        return [*lines, text]


def play(engine, output):
    """Sends the calls, shows each, and returns how many were not decided as they should be."""
    table = Table()
    surprises = 0
    for number, case in enumerate(CASES, 1):
        decision = engine.route(number, case)
        outcome = "success" if decision["branch"] == "success" else decision["reason"]
        surprise = "" if outcome == case.expected else f" (expected: {case.expected})"
        surprises += bool(surprise)
        request, reply = exchanges(output)
        table.row([case.title, request, reply, decision_text(decision) + surprise, time_text(decision)])
    return surprises


def tell_how_to_go_on(programs):
    print(f"""
Try your own webhook; docs/webhook-authors.md has scripts of ten lines to start from. In a file try.yaml:

    server: {{ socket: /tmp/dialhook.sock, control: /tmp/dialhook-control.sock }}
    egress: {{ allow: [127.0.0.0/8] }}         # only for a web server on this machine
    webhooks:
      mine: {{ url: "http://127.0.0.1:8080/?did={{did}}&callerid={{callerid}}" }}

    {programs}/dialhookctl mock &            # or your own web server on port 8080
    {programs}/dialhookd --config try.yaml &
    {programs}/dialhookctl route mine --did {DID} --callerid {CUSTOMER} --socket /tmp/dialhook.sock""")


def main():
    programs = pathlib.Path(sys.argv[1])
    # These end the demo as Ctrl-C does: by an exception, so that everything is cleaned up.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dialhook-demo-")))
        # Bound but not listening: nobody else can get the port, and who connects is refused.
        closed = stack.enter_context(socket.socket())
        closed.bind(("127.0.0.1", 0))
        url, output = stack.enter_context(mock_crm(programs.resolve()))
        config = configuration(folder, url, closed.getsockname()[1])
        engine = Engine(stack.enter_context(daemon(programs.resolve(), folder, config)))
        print(f"\nA mock CRM answers on {url}. {len(CASES)} calls to {DID} ask it through the daemon's socket:\n")
        surprises = play(engine, output)
    tell_how_to_go_on(programs)
    if surprises:
        raise Failed(f"{surprises} of the {len(CASES)} calls were not decided as expected")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # shown through `head`, say; what is still in the buffer goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Failed as failure:
        sys.exit(f"demo: {failure}")
