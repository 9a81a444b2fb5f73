"""The fault matrix: in which phase of a decision what can go wrong, and what the engine is told then.

A cell is a `Case`, or an `Impossible` that says why; there is no third way, and a cell that is missing fails the suite.
"""
from typing import NamedTuple

PHASES = ("dns", "connect", "tls", "send", "wait", "header", "body", "idle")
FAULTS = ("refused", "reset", "silence", "drip", "garbage", "too much", "wrong framing", "close",
          "deadline", "cancel", "reload", "SIGTERM")

# Outcomes beside the reasons of a failure.
SUCCESS = "success"    # the fault costs the call nothing
NOBODY = "-"           # there is nobody to be told

# While everything stands still at this very point, and not because the network misbehaves.
HELD = ("deadline", "cancel", "reload", "SIGTERM")


class Case(NamedTuple):
    outcome: str
    what: str


class Impossible(NamedTuple):
    because: str


STANDING_STILL = {
    "deadline": Case("timeout", "`timeout` is over"),
    "cancel": Case(NOBODY, "the engine vanishes"),
    "reload": Case(SUCCESS, "the configuration changes, then it goes on as it began"),
    "SIGTERM": Case("shutdown", "`drain` is over"),
}

THERE_ALREADY = Impossible("a connection that is there is not refused any more, only reset")

TABLE = {
    "dns": {
        "refused": Case("dns", "the server answers REFUSED"),
        "reset": Case("dns", "a truncated answer, and TCP is reset"),
        "silence": Case("dns", "no answer before `connect_timeout`"),
        "drip": Case("dns", "a truncated answer, and over TCP a byte now and then"),
        "garbage": Case("dns", "an answer whose records are noise"),
        "too much": Case(SUCCESS, "a hundred addresses"),
        "wrong framing": Case("dns", "over TCP a length that is never reached"),
        "close": Case("dns", "a truncated answer, and TCP is closed"),
        **STANDING_STILL,
    },
    "connect": {
        "refused": Case("connect", "nobody listens"),
        "reset": Case("connect", "accepted and reset"),
        "silence": Case("connect", "never accepted"),
        "drip": Impossible("before a connection is there, no byte of the peer's comes"),
        "garbage": Case("bad_reply", "another protocol's greeting before the request"),
        "too much": Case("bad_reply", "bytes without end before the request"),
        "wrong framing": Impossible("TCP has no frames of the peer's making"),
        "close": Case("connect", "accepted and closed"),
        **STANDING_STILL,
    },
    "tls": {
        "refused": Case("tls", "an alert"),
        "reset": Case("tls", "reset after the ClientHello"),
        "silence": Case("tls", "no answer to the ClientHello before `connect_timeout`"),
        "drip": Case("tls", "a record, byte by byte, for ever"),
        "garbage": Case("tls", "plain HTTP"),
        "too much": Case("tls", "bytes without end"),
        "wrong framing": Case("tls", "a record that is longer than a record may be"),
        "close": Case("tls", "closed after the ClientHello"),
        **STANDING_STILL,
    },
    "send": {
        "refused": THERE_ALREADY,
        "reset": Case("connect", "reset before the request is read"),
        "silence": Case("timeout", "the request is never read"),
        "drip": Case("timeout", "the request is read too slowly"),
        "garbage": Case("bad_reply", "noise instead of reading the request"),
        "too much": Case("bad_reply", "noise without end instead of reading the request"),
        "wrong framing": Case("bad_reply", "a reply with two lengths instead of reading the request"),
        "close": Case("connect", "closed before the request is read"),
        **STANDING_STILL,
    },
    "wait": {
        "refused": THERE_ALREADY,
        "reset": Case("connect", "reset instead of a reply"),
        "silence": Case("timeout", "no reply"),
        "drip": Case("timeout", "provisional replies alone"),
        "garbage": Case("bad_reply", "no HTTP"),
        "too much": Case("bad_reply", "provisional replies as fast as they are taken"),
        "wrong framing": Case("bad_reply", "a reply without HTTP around it"),
        "close": Case("connect", "closed instead of a reply"),
        **STANDING_STILL,
    },
    "header": {
        "refused": THERE_ALREADY,
        "reset": Case("connect", "reset in the header"),
        "silence": Case("timeout", "stops in the header"),
        "drip": Case("timeout", "a header byte now and then"),
        "garbage": Case("bad_reply", "a line that is no field"),
        "too much": Case("bad_reply", "a header without end"),
        "wrong framing": Case("bad_reply", "two differing lengths"),
        "close": Case("connect", "closed in the header"),
        **STANDING_STILL,
    },
    "body": {
        "refused": THERE_ALREADY,
        "reset": Case("connect", "reset in the body"),
        "silence": Case("timeout", "stops in the body"),
        "drip": Case("timeout", "a byte of the body now and then"),
        "garbage": Case("bad_reply", "noise as a body"),
        "too much": Case("bad_reply", "a body without end"),
        "wrong framing": Case("bad_reply", "a chunk whose size is no number"),
        "close": Case("connect", "closed in the body"),
        **STANDING_STILL,
    },
    "idle": {
        "refused": Case("connect", "the web server ends; the next call finds nobody"),
        "reset": Case(SUCCESS, "reset while idle: a fresh connection serves"),
        "silence": Case(SUCCESS, "nothing happens: the connection serves again"),
        "drip": Case(SUCCESS, "a byte now and then while idle: a fresh connection serves"),
        "garbage": Case(SUCCESS, "noise while idle: a fresh connection serves"),
        "too much": Case(SUCCESS, "noise without end while idle: a fresh connection serves"),
        "wrong framing": Case(SUCCESS, "a reply nobody asked for: it is never read as the next one"),
        "close": Case(SUCCESS, "closed while idle: a fresh connection serves"),
        "deadline": Case("timeout", "the kept connection takes the next request and is silent"),
        "cancel": Case(SUCCESS, "the engine that opened it vanishes: it serves others"),
        "reload": Case(SUCCESS, "the configuration changes: the connection serves again"),
        "SIGTERM": Case(NOBODY, "it is closed at once"),
    },
}


def cells():
    return [(phase, fault) for phase in PHASES for fault in FAULTS]


def cases(*faults):
    """The cells of these faults that can happen, with their cases."""
    return {(phase, fault): TABLE[phase][fault] for phase, fault in cells()
            if fault in faults and isinstance(TABLE[phase][fault], Case)}


def grid():
    """The table as text, one row for each phase."""
    def shown(cell):
        return cell.outcome if isinstance(cell, Case) else "(impossible)" if isinstance(cell, Impossible) else "MISSING"
    width = max(map(len, FAULTS)) + 1
    head = "".ljust(9) + "".join(fault.ljust(width) for fault in FAULTS)
    rows = [phase.ljust(9) + "".join(shown(TABLE[phase].get(fault)).ljust(width) for fault in FAULTS) for phase in PHASES]
    return "\n".join([head, *rows])
