"""A SIP telephone, or a trunk, on UDP: it calls, is called, transfers, and keeps every message as it came on the wire.

Phone (phone.py) does one call step by step; this one answers by itself, so a PBX may talk to it at any time.
"""
import contextlib
import itertools
import re
import socket
import threading

from .journal import Journal
from .patience import PATIENCE
from .phone import Message

RINGS, ANSWERS = "rings", "answers"
BUSY, DECLINES, NOT_FOUND = 486, 603, 404

_numbers = itertools.count(1)


class Telephone:
    """`manner`: what becomes of a call that comes in: ANSWERS, RINGS (until it is cancelled), or the code of a refusal."""

    def __init__(self, server_port, manner=ANSWERS):
        self.manner = manner
        self.invites = Journal()  # the first INVITE of each call that came in, a Message
        self.legs = Journal()     # the same calls
        self._by_call = {}
        self.server_port = server_port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._sound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # takes what is spoken, and is not read
        self._sound.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self):
        with contextlib.suppress(OSError):
            self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._reader.join(PATIENCE)
        self._socket.close()
        self._sound.close()

    # What its user does

    def call(self, user, *, method="INVITE", caller='"Tester" <sip:+31612345678@127.0.0.1>', headers=(), sound=True):
        """Calls `user`, which goes into the request's URI as it stands; or sends another request that is in no call."""
        leg = Leg(self, f"{self.port}-{next(_numbers)}@e2e", f"{caller};tag=t", f"<sip:{user}@127.0.0.1:{self.server_port}>")
        leg.target = f"sip:{user}@127.0.0.1:{self.server_port}"
        self._by_call[leg.call_id] = leg
        leg.request(method, *headers, *(("Content-Type: application/sdp",) if sound else ()), body=self._description() if sound else "")
        return leg

    def wait_call(self, count=1):
        """The `count`-th call that came in."""
        return self.legs.wait_count(count, f"calls at the telephone on port {self.port}")[count - 1]

    # The wire

    def send(self, text):
        self._socket.sendto(text.encode("utf-8", "surrogateescape"), ("127.0.0.1", self.server_port))

    def _description(self):
        return "\r\n".join(["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
                            f"m=audio {self._sound.getsockname()[1]} RTP/AVP 0", "a=rtpmap:0 PCMU/8000", ""])

    def _read(self):
        while data := self._socket.recv(65536):
            if not data.strip():
                continue  # a keep-alive
            message = Message(data)
            if message.first.startswith("SIP/2.0 "):
                self._take_answer(message)
            else:
                self._take_request(message)

    def _take_answer(self, answer):
        leg = self._by_call.get(answer.header("Call-ID"))
        if leg is None:
            return
        if answer.method == "INVITE" and answer.code >= 200:
            if answer.code < 300:
                leg.remote = answer.header("To")
                leg.target = re.search(r"<(.*)>", answer.header("Contact"))[1]
                leg.routes = [f"Route: {value}" for name, value in reversed(answer.headers) if name == "record-route"]
                leg.request("ACK", number=answer.header("CSeq").split(" ")[0])
            else:
                leg.acknowledge(answer)
        leg.answers.add(answer)

    def _take_request(self, request):
        leg = self._by_call.get(request.header("Call-ID"))
        if request.method == "ACK":
            if leg is not None:
                leg.confirmed.set()
            return
        if request.method == "INVITE" and leg is None:
            self._take_call(request)
        elif request.method == "INVITE":
            self._answer(request, leg, 200, "OK", self._description())
        elif request.method == "CANCEL":
            self._answer(request, leg, 200, "OK")
            self._answer(leg.invite, leg, 487, "Request Terminated")
            leg.requests.add(request)
        else:
            self._answer(request, leg, 200, "OK")
            if leg is not None:
                leg.requests.add(request)

    def _take_call(self, invite):
        leg = Leg(self, invite.header("Call-ID"), f"{invite.header('To')};tag={self.port}", invite.header("From"))
        leg.invite = invite
        leg.target = re.search(r"<(.*)>", invite.header("Contact"))[1]
        leg.routes = [f"Route: {value}" for name, value in invite.headers if name == "record-route"]
        self._by_call[leg.call_id] = leg
        self.invites.add(invite)
        if self.manner == ANSWERS:
            self._answer(invite, leg, 200, "OK", self._description())
        elif self.manner == RINGS:
            self._answer(invite, leg, 180, "Ringing")
        else:
            self._answer(invite, leg, self.manner, "No")
        self.legs.add(leg)

    def answer(self, leg):
        """Takes off the receiver of a telephone that RINGS."""
        self._answer(leg.invite, leg, 200, "OK", self._description())

    def ring(self, leg):
        """Says again that it rings."""
        self._answer(leg.invite, leg, 180, "Ringing")

    def _answer(self, request, leg, code, phrase, body=""):
        to = leg.local if leg is not None and ";tag=" not in request.header("To") else request.header("To")
        ways = [f"{name}: {value}" for name, value in request.headers if name in ("via", "record-route")]  # of each proxy
        lines = [f"SIP/2.0 {code} {phrase}", *ways, f"From: {request.header('From')}", f"To: {to}",
                 f"Call-ID: {request.header('Call-ID')}", f"CSeq: {request.header('CSeq')}", f"Contact: <sip:telephone@127.0.0.1:{self.port}>",
                 *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}"]
        self.send("\r\n".join([*lines, "", body]))


class Leg:
    """One call of a telephone, whichever side began it."""

    def __init__(self, telephone, call_id, local, remote):
        self.call_id, self.local, self.remote = call_id, local, remote
        self.target = self.invite = None
        self.routes = []  # by the proxies that stay in the call
        self.answers = Journal()   # to what this side asked
        self.requests = Journal()  # what the other side asked, but for INVITE and ACK
        self.confirmed = threading.Event()
        self._telephone = telephone
        self._cseq = itertools.count(1)

    def request(self, method, *headers, body="", number=None, branch=None):
        number = number or next(self._cseq)
        branch = branch or f"z9hG4bK{next(_numbers)}x{self._telephone.port}"
        if method == "INVITE":
            self._branch = branch
        here = f"127.0.0.1:{self._telephone.port}"
        self._telephone.send("\r\n".join([
            f"{method} {self.target} SIP/2.0", f"Via: SIP/2.0/UDP {here};branch={branch}",
            "Max-Forwards: 70", f"From: {self.local}", f"To: {self.remote}", f"Call-ID: {self.call_id}", f"CSeq: {number} {method}",
            f"Contact: <sip:telephone@{here}>", *self.routes, *headers, f"Content-Length: {len(body.encode())}", "", body]))

    def acknowledge(self, refusal):
        branch = re.search(r"branch=([^;]+)", refusal.header("Via"))[1]
        here = f"127.0.0.1:{self._telephone.port}"
        number = refusal.header("CSeq").split(" ")[0]
        self._telephone.send("\r\n".join([
            f"ACK {self.target} SIP/2.0", f"Via: SIP/2.0/UDP {here};branch={branch}", "Max-Forwards: 70", f"From: {self.local}",
            f"To: {refusal.header('To')}", f"Call-ID: {self.call_id}", f"CSeq: {number} ACK", "Content-Length: 0", "", ""]))

    # What its user does

    def hang_up(self):
        """Not before the answer has arrived: a PBX may take that for a call that was never answered."""
        assert self.invite is None or self.confirmed.wait(PATIENCE), "no ACK to the answer"
        self.request("BYE")

    def cancel(self):
        """Gives up before anybody has answered."""
        self.request("CANCEL", number=1, branch=self._branch)

    def refer(self, number, replaces=None):
        """Transfers the other side to `number`; with another leg in `replaces`, attended."""
        where = f"sip:{number}@127.0.0.1"
        if replaces is not None:
            local, remote = (re.search(r"tag=([^;]+)", side)[1] for side in (replaces.local, replaces.remote))
            where += f"?Replaces={replaces.call_id.replace('@', '%40')}%3Bto-tag%3D{remote}%3Bfrom-tag%3D{local}"
        self.request("REFER", f"Refer-To: <{where}>", f"Referred-By: <sip:telephone@127.0.0.1:{self._telephone.port}>")
        answer = self.answers.wait_entry(lambda answer: answer.method == "REFER", "an answer to REFER")
        assert answer.code in (200, 202), answer.first

    # What becomes of it

    def wait_final(self):
        """The final answer to the INVITE."""
        return self.answers.wait_entry(lambda answer: answer.method == "INVITE" and answer.code >= 200, f"an answer to {self.target}")

    def wait_request(self, method):
        return self.requests.wait_entry(lambda request: request.method == method, f"{method} in {self.call_id}")

    def wait_ended(self):
        """Until the other side has hung up."""
        self.wait_request("BYE")
