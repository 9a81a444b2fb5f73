"""The test cases of the suites with Asterisk: a web server, the daemon and Asterisk for a class, and calls that all end; with telephones
inside Asterisk, or on SIP.
"""
from .asterisk import TODAY, Asterisk
from .case import DialhookTest
from .configuration import configuration
from .ports import free_port
from .telephone import ANSWERS, Telephone
from .webserver import WebServer


class AsteriskTest(DialhookTest):
    ENTRY = "dialhook-webhook"
    VERSION = TODAY
    MODULES = ()  # of Asterisk, beside those that all suites have
    FREEPBX = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = cls.share(WebServer())
        cls.fastagi_port = free_port()
        cls.asterisk = cls.share(Asterisk(cls.fastagi_port, cls.extensions(), cls.endpoints(), cls.VERSION, cls.MODULES,
                                          cls.FREEPBX))
        cls.start_daemon()

    @classmethod
    def start_daemon(cls):
        cls.daemon = cls.share_daemon(cls.configuration())

    @classmethod
    def configuration(cls):
        more = {"dialplans": cls.dialplans()} if cls.dialplans() else {}
        return configuration(cls.webhooks(), server={"fastagi": f"127.0.0.1:{cls.fastagi_port}", "drain": "2s"},
                             asterisk={"dial_sip": "PJSIP/telephone/${destination}"}, **more)

    @classmethod
    def webhooks(cls):
        raise NotImplementedError

    @classmethod
    def dialplans(cls):
        return {}

    @classmethod
    def extensions(cls):
        """Contexts of Asterisk beside those that all suites have."""
        return ""

    @classmethod
    def endpoints(cls):
        """Endpoints of pjsip.conf; with None, Asterisk does not speak SIP."""
        return None

    def setUp(self):
        super().setUp()
        self._calls = []
        self.seen = len(self.web.requests)

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            print(f"--- the end of Asterisk's log in {self.id()}:\n{self.asterisk.log()[-4000:]}\n---")
        return result

    def call(self, number="+31502102544", **options):
        """A call that must be over, with nothing left of it in Asterisk, at the end of the test."""
        call = self.asterisk.call(number, **{"entry": self.ENTRY, **options})
        self._calls.append(call)
        return call

    def doCleanups(self):
        calls, self._calls = getattr(self, "_calls", []), []
        for call in calls:
            self.addCleanup(call.wait_ended)
        return super().doCleanups()

    # Judging

    def requests(self):
        """What the web server was asked during this test."""
        return self.web.requests[self.seen:]

    def wait_request(self, path, count=1):
        found = self.web.requests.wait(
            lambda requests: [request for request in requests[self.seen:] if request.path == path][count - 1:count],
            f"request {count} for {path}")
        return found[0]

    def assert_routed(self, call, extension, **variables):
        """The call reached that number, with these DIALHOOK_ variables; None: not set, or empty."""
        sight = call.routed()
        seen = {name: sight.variables[f"DIALHOOK_{name}"] or None for name in variables}
        self.assertEqual((sight.extension, seen), (extension, variables), sight)
        return sight

    def assert_prohibited(self, sight, prohibited=True):
        """Bits 5 and 6 of Asterisk's number for the presentation: 01 is restricted."""
        self.assertEqual(sight.presentation & 0x60, 0x20 if prohibited else 0, sight)
        if prohibited:
            self.assertEqual((sight.number, sight.name), ("unknown", "unknown"), sight)


class TelephonesTest(AsteriskTest):
    """Calls come in by SIP, and go out by SIP to the numbers 700 to 799 of `from-internal`, where a recorder sees them first.

    A call that comes in says in X-Entry by which endpoint, and so which context, it enters.
    """
    ENTRIES = ("dialhook-webhook", "dialhook-dialplan", "from-internal")

    @classmethod
    def extensions(cls):
        return """
[from-internal](+)
exten => _7XX,1,AGI(${RECORDER}/routed)
 same => n,Dial(PJSIP/telephone/sip:${EXTEN}@127.0.0.1:${PHONE_${EXTEN}},${RING_${EXTEN}})
 same => n,Hangup(${HANGUPCAUSE})
exten => 799,1,Goto(dialhook-dialplan,606,1)
"""

    @classmethod
    def endpoints(cls):
        return "\n[telephone](endpoint)\ncontext = from-internal\n" + "".join(cls.entry(name, name) for name in cls.ENTRIES)

    @staticmethod
    def entry(name, context, **options):
        """An endpoint by which calls come in. Its caller transfers among the administrator's numbers."""
        options = {"context": context, "set_var": "TRANSFER_CONTEXT=from-internal", **options}
        lines = "".join(f"{key} = {value}\n" for key, value in options.items())
        return f"\n[{name}](endpoint)\n{lines}[identify-{name}]\ntype = identify\nendpoint = {name}\nmatch_header = X-Entry: {name}\n"

    def setUp(self):
        super().setUp()
        self.begin, self.logged = len(self.asterisk.ami.events), len(self.asterisk.log())
        self.caller = self.use(Telephone(self.asterisk.sip_port))

    def telephone(self, number, manner=ANSWERS, ring=30):
        """A telephone with this number, which Asterisk lets ring for so many seconds."""
        telephone = self.use(Telephone(self.asterisk.sip_port, manner))
        for name, value in (("PHONE", telephone.port), ("RING", ring)):
            self.asterisk.ami.act("Setvar", Variable=f"{name}_{number}", Value=str(value))
        return telephone

    def dial(self, number, entry=None, headers=(), **options):
        return self.caller.call(number, headers=[f"X-Entry: {entry or self.ENTRY}", *headers], **options)

    def wait_quiet(self):
        """Until each channel that this test began is gone, so that nothing more can come of it."""
        def is_over(events):
            begun, ended = ({event["Uniqueid"] for event in events[self.begin:] if event.get("Event") == name}
                            for name in ("Newchannel", "Hangup"))
            return begun and begun <= ended
        self.asterisk.ami.events.wait(is_over, "the end of each channel")
