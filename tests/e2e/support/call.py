"""One inbound call in Asterisk: what its caller does, and where the tests see it arrive."""
import select

# A key is held so long, and so long a caller takes to the next one. Asterisk makes up the end of what is shorter (80 ms) and
# of what comes sooner (45 ms) from the audio that follows, and a caller in these tests makes no sound.
HELD_MS, BETWEEN_MS = 150, 80


class Call:
    """Begins at once. `entry`: the context that takes it; `webhook`: the one that the context asks; `stays`: seconds that
    the callee stays on the line; `variables`: what the channel has inherited.

    It has two channels: the caller's phone, and the side that runs the dialplan.
    """

    def __init__(self, asterisk, identity, number, *, entry="dialhook-webhook", webhook=None, name="Ann Onymous",
                 caller="+31612345678", presentation="", stays=0, variables=None):
        self.identity = identity
        # Asterisk refuses a channel whose id is the beginning of another one's.
        self._phone, self._inside = f"{identity}-phone", f"{identity}-inside"
        self._asterisk = asterisk
        self._ami = asterisk.ami
        self._begin = len(self._ami.events)
        variables = {"ID": identity, "ENTRY": entry, "PRESENTATION": presentation, "CALLEE_STAYS": stays, **(variables or {})}
        if webhook:
            variables["DIALHOOK_WEBHOOK"] = webhook
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        self._ami.send("Originate", *(("Variable", f"__{key}={value}") for key, value in variables.items()),
                       Channel=f"Local/{number}@inbound/n", Context="caller", Exten="phone", Priority="1", Timeout="120000",
                       CallerID=f'"{quoted}" <{caller}>', Async="true", ChannelId=self._phone, OtherChannelId=self._inside)

    @property
    def call_id(self):
        """As the daemon is told."""
        return self._inside

    # What becomes of it

    def routed(self):
        """The call as it reaches the administrator's numbers, with the variables that Dialhook set."""
        return self._asterisk.recorder.wait("routed", self.identity)

    def callee(self):
        """The call as the callee's phone sees it."""
        return self._asterisk.recorder.wait("callee", self.identity)

    def wait_ended(self):
        for side in (self._phone, self._inside):
            self._ami.wait_event("Hangup", self._begin, Uniqueid=side)

    # What the caller does

    def commands(self):
        """Every AGI command that the call was given so far."""
        return self._commands_in(self._ami.events.entries())

    def wait_message(self, name, count=1):
        """Returns when Asterisk begins to play this message for the `count`-th time."""
        self.wait_command(name, count)

    def wait_command(self, word, count=1):
        """The same for an AGI command with this word in it."""
        def has_it(command):
            return word in command.replace('"', " ").split()
        self._ami.events.wait(lambda events: len(list(filter(has_it, self._commands_in(events)))) >= count,
                              f"AGI command with {word}, number {count}")

    def _commands_in(self, events):
        """AGIExecStart comes before Asterisk carries the command out; keys that are pressed then wait for it."""
        return [event["Command"] for event in events[self._begin:]
                if event.get("Event") == "AGIExecStart" and event["Uniqueid"] == self._inside]

    def press(self, keys):
        """Presses keys on the caller's phone, one after the other; returns when the dialplan's side has seen the last one."""
        channel = self._channel()
        for key in keys:
            seen = len(self._ami.events)
            self._ami.act("PlayDTMF", Channel=channel, Digit=key, Duration=HELD_MS)
            self._ami.wait_event("DTMFEnd", seen, Uniqueid=self._inside, Digit=key, Direction="Received")
            select.select([], [], [], BETWEEN_MS / 1000)

    def hang_up(self):
        self._ami.act("Hangup", Channel=self._channel())

    def _channel(self):
        return self._ami.wait_event("Newchannel", self._begin, Uniqueid=self._phone)["Channel"]
