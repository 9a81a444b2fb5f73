"""Engines say events: what they are answered, and when; `call.event` on the socket and event/NAME over FastAGI."""
import json
import signal
import unittest

from support.agi import AgiChannel
from support.case import DialhookTest
from support.configuration import configuration
from support.patience import ample
from support.places import ReservedPort
from support.replies import hang, respond
from support.webserver import WebServer

STORED = {"stored": True}


class EventsTest(DialhookTest):
    threads = 1

    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/events", respond("")).on("/crm", respond("status=ACK&destination=101&callername=CRM")))
        self.port = self.use(ReservedPort()).port
        self.files = self.scratch()

    def serve(self, durable=True, notified=True, dids=(), **server):
        notification = {"url": self.web.url("/events"), "format": "cloudevents", "timeout": ample(), **({"dids": dids} if dids else {})}
        more = {"notifications": {"all": notification}} if notified else {}
        crm = {"url": self.web.url("/crm"), "timeout": ample()}
        content = configuration({"crm": crm, "quiet": {**crm, "callerid": "suppressed"}}, vars=["tenant"],
                                server={"fastagi": f"127.0.0.1:{self.port}", "threads": self.threads, **server}, **more)
        self.daemon = self.start(content, scratch=self.files, arguments=["--state", self.files.path / "state"] if durable else [])
        self.asking = self.engine(self.daemon)

    def say(self, call_id, event, **facts):
        return self.asking.ask("call.event", call_id=call_id, event=event, **facts).get("result")

    def told(self, count):
        """The data of the events that the web server was told, once there are so many."""
        def events(requests):
            return [request.json()["data"] for request in requests if request.path == "/events"]
        self.web.requests.wait(lambda requests: len(events(requests)) >= count, f"{count} events")
        return events(self.web.requests)

    def kinds(self, count):
        """Of each call its events in order; those of different calls come as they come."""
        kinds = {}
        for event in self.told(count):
            kinds.setdefault(event["call_id"], []).append(event["event"])
        return kinds


class OnTheSocket(EventsTest):
    def test_an_event_is_answered_and_told(self):
        self.serve()
        self.assertEqual(self.say("1", "created", did="+31502102544", callerid="06", callername="Jan", presentation="prohibited",
                                  direction="internal", vars={"tenant": "t", "dropped": "x"}, at="2026-07-29T15:04:05.25+02:00", later=[1]), STORED)
        self.assertEqual(self.say("1", "ringing", targets=["101", "102"]), STORED)
        self.assertEqual(self.say("1", "answered", answered_by="102"), STORED)
        self.assertEqual(self.say("1", "transferred", transfer="attended", transferred_by="102"), STORED)
        self.assertEqual(self.say("1", "ended", reason="completed"), STORED)
        created, ringing, answered, transferred, ended = self.told(5)
        self.assertEqual(created, {"call_id": "1", "event": "created", "seq": 1, "at": "2026-07-29T13:04:05.250000+00:00", "direction": "internal",
                                   "did": "+31502102544", "callerid": "06", "callername": "Jan", "presentation": "prohibited", "targets": [],
                                   "answered_by": None, "transferred_by": None, "transfer": None, "reason": None, "vars": {"tenant": "t"}})
        self.assertEqual((ringing["targets"], answered["answered_by"]), (["101", "102"], "102"))
        self.assertEqual((transferred["transfer"], transferred["transferred_by"]), ("attended", "102"))
        self.assertEqual((ended["reason"], ended["callername"], ended["seq"]), ("completed", "Jan", 5))

    def test_what_is_wrong_is_refused_and_told_to_nobody(self):
        self.serve()
        for params, message in (({"event": "created"}, "call_id must be the PBX's own name for the call, 1 to 256 bytes"),
                                ({"call_id": "1", "event": "hangup"}, "event must be created, ringing, answered, transferred or ended"),
                                ({"call_id": "1", "event": "ringing", "targets": [1]}, "targets[0] must be a string"),
                                ([], "params must be an object with named parameters")):
            with self.subTest(params):
                answer = self.asking.ask_raw(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "call.event", "params": params}))
                self.assertEqual(answer["error"], {"code": -32602, "message": message})
        self.assertEqual(self.say("2", "ended"), STORED)
        self.assertEqual(self.kinds(2), {"2": ["created", "ended"]})

    def test_pipelined_ones_keep_their_order(self):
        self.serve()
        events = ["created", *["ringing", "answered"] * 50, "ended"]
        self.asking.send_json(*({"jsonrpc": "2.0", "id": at, "method": "call.event", "params": {"call_id": "1", "event": event}}
                                for at, event in enumerate(events)))
        answers = {(answer := self.asking.answer())["id"]: answer["result"] for _ in events}
        self.assertEqual(answers, {at: STORED for at in range(len(events))})
        self.assertEqual([event["event"] for event in self.told(len(events))], events)

    def test_a_batch_with_notifications_and_a_call(self):
        self.serve()
        def event(name, **more):
            return {"jsonrpc": "2.0", "method": "call.event", "params": {"call_id": "1", "event": name}, **more}
        batch = [event("created", id="a"), event("ringing"), event("answered", id="b"),
                 {"jsonrpc": "2.0", "id": "c", "method": "call.route", "params": {"webhook": "crm", "did": "1"}}, event("wrong", id="d")]
        self.asking.send_json(batch)
        answers = {answer["id"]: answer for answer in self.asking.answer()}
        self.assertEqual(set(answers), {"a", "b", "c", "d"})
        self.assertEqual((answers["a"]["result"], answers["b"]["result"]), (STORED, STORED))
        self.assertEqual((answers["c"]["result"]["branch"], answers["d"]["error"]["code"]), ("success", -32602))
        self.assertEqual(self.kinds(3), {"1": ["created", "ringing", "answered"]})

    def test_notifications_alone_get_no_answer(self):
        self.serve()
        self.asking.send_json([{"jsonrpc": "2.0", "method": "call.event", "params": {"call_id": "1", "event": "created"}}],
                              {"jsonrpc": "2.0", "method": "call.event", "params": {"call_id": "1", "event": "nonsense"}},
                              {"jsonrpc": "2.0", "method": "call.event", "params": {"call_id": "1", "event": "ended"}})
        self.assertEqual(self.say("2", "created"), STORED)
        self.assertEqual(self.kinds(3), {"1": ["created", "ended"], "2": ["created"]})

    def test_what_comes_after_the_end_is_answered_and_dropped(self):
        self.serve()
        for event in ("created", "ended", "ringing", "ended"):
            self.assertEqual(self.say("1", event), STORED)
        self.say("2", "created")
        self.assertEqual(self.kinds(3), {"1": ["created", "ended"], "2": ["created"]})

    def test_without_a_folder_nothing_is_promised(self):
        self.serve(durable=False)
        for _ in range(2):
            answer = self.asking.ask("call.event", call_id="1", event="created")["error"]
            self.assertEqual(answer["code"], -32007)
            self.assertRegex(answer["message"], r"^the event was not stored: .*--state")

    def test_a_question_is_the_beginning_of_a_call(self):
        self.serve()
        self.asking.route("crm", did="+31502102544", callerid="06", callername="Jan", presentation="prohibited", vars={"tenant": "t"},
                          call_id="1")
        self.asking.route("crm")  # of no call that has a name
        self.assertEqual(self.say("1", "created", direction="internal"), STORED)
        self.assertEqual(self.say("1", "ended"), STORED)
        created, ended = self.told(2)
        self.assertEqual([created[name] for name in ("event", "direction", "did", "callerid", "callername", "presentation", "vars")],
                         ["created", "inbound", "+31502102544", "06", "Jan", "prohibited", {"tenant": "t"}])
        self.assertEqual((ended["event"], ended["direction"]), ("ended", "internal"), "the engine's own word counts for more")

    def test_without_notifications_a_question_is_just_that(self):
        self.serve(notified=False)
        self.asking.route("crm", call_id="1")
        self.assertEqual(self.say("1", "ended"), STORED)

    def test_an_engine_that_is_gone_has_said_it_all_the_same(self):
        """Without a word from the daemon, and without harm to others."""
        self.serve()
        for at in range(20):
            with self.daemon.engine() as engine:
                engine.send_json({"jsonrpc": "2.0", "id": 1, "method": "call.event", "params": {"call_id": str(at), "event": "created"}})
        self.assertEqual(self.kinds(20), {str(at): ["created"] for at in range(20)})

    def test_one_that_closes_its_side_gets_its_answers(self):
        self.serve()
        self.asking.send_json(*({"jsonrpc": "2.0", "id": at, "method": "call.event", "params": {"call_id": str(at), "event": "created"}}
                                for at in range(50)))
        self.asking.half_close()
        self.assertEqual([answer["result"] for answer in self.asking.rest()], [STORED] * 50)

    def test_a_stop_answers_what_was_read(self):
        self.web.on("/events", hang)
        self.serve()
        self.asking.send_json(*({"jsonrpc": "2.0", "id": at, "method": "call.event", "params": {"call_id": str(at), "event": "created"}}
                                for at in range(50)))
        first = self.asking.answer()
        self.daemon.signal(signal.SIGTERM)
        answers = [first, *self.asking.rest()]
        self.assertEqual([answer["result"] for answer in answers], [STORED] * len(answers))
        self.assertEqual(self.daemon.wait_exit(), 0)

    def test_a_refusal_is_logged_and_counted_with_the_call(self):
        self.serve(durable=False)
        self.asking.send_json(self.asking.request("call.event", {"call_id": "call-17", "event": "created"}))
        self.asking.answer()
        self.daemon.wait_logged("event not stored")
        self.assertIn("call-17", self.daemon.stderr())


class WithThreads(OnTheSocket):
    threads = 3


class OverFastAgi(EventsTest):
    def channel(self, script, **environment):
        return self.use(AgiChannel(self.port, script, **environment))

    def say_over(self, script, **environment):
        """What a channel that says an event is told, and the variables that are set."""
        channel = self.channel(script, **environment)
        return channel.play_through(), channel.variables

    def test_an_event_is_stored_before_the_channel_goes_on(self):
        self.serve()
        commands, variables = self.say_over("event/created?direction=inbound", uniqueid="17.1", calleridname="Jan", callingpres="32")
        self.assertEqual((commands, variables), ([], {"DIALHOOK_STORED": "yes"}))
        self.say_over("event/ringing?targets=101%26102", uniqueid="17.1")
        # A telephone's channel
        self.say_over("event/answered?call_id=17.1&answered_by=101", uniqueid="17.2", callerid="101", calleridname="Desk")
        self.say_over("event/ended?reason=completed", uniqueid="17.1", extension="h")
        created, ringing, answered, ended = self.told(4)
        self.assertEqual([created[name] for name in ("call_id", "did", "callerid", "callername", "presentation", "direction")],
                         ["17.1", "+31502102544", "+31612345678", "Jan", "prohibited", "inbound"])
        self.assertEqual((ringing["targets"], answered["answered_by"], answered["callername"]), (["101", "102"], "101", "Jan"))
        self.assertEqual((ended["reason"], ended["did"]), ("completed", "+31502102544"))

    def test_after_a_hang_up(self):
        """Asterisk says HANGUP at once, and refuses most commands."""
        self.serve()
        channel = self.channel("event/ended?reason=busy")
        channel.send(b"HANGUP\n")
        self.assertEqual((channel.play_through(default="511 Command Not Permitted on a dead channel or intercept routine"), channel.variables),
                         ([], {"DIALHOOK_STORED": "yes"}))
        self.assertEqual([event["event"] for event in self.told(2)], ["created", "ended"])

    def test_a_channel_that_does_not_wait(self):
        self.serve()
        channel = self.channel("event/ended")
        channel.close()
        self.assertEqual([event["event"] for event in self.told(2)], ["created", "ended"])

    def test_what_is_wrong_is_said_on_the_console(self):
        self.serve()
        commands, variables = self.say_over("event/hangup")
        self.assertEqual(commands, [["VERBOSE", "dialhook: event must be created, ringing, answered, transferred or ended", "1"]])
        self.assertEqual(variables, {"DIALHOOK_STORED": "no"})
        self.daemon.wait_logged("FastAGI request refused")

    def test_without_a_folder_it_is_not_stored(self):
        self.serve(durable=False)
        self.assertEqual(self.say_over("event/created"), ([], {"DIALHOOK_STORED": "no"}))
        self.daemon.wait_logged("event not stored")

    def test_the_caller_is_who_came_in_not_who_is_shown(self):
        self.serve()
        asked = {"uniqueid": "17.1", "channel": "PJSIP/trunk-1"}
        _, variables = self.say_over("webhook/crm", calleridname="Jan", **asked)
        self.assertEqual(variables["CALLERID(name)"], "CRM")
        self.say_over("event/ended", calleridname="CRM", **asked)
        created, ended = self.told(2)
        self.assertEqual((created["event"], created["direction"], created["callername"]), ("created", "inbound", "Jan"))
        self.assertEqual((ended["call_id"], ended["callername"]), ("17.1", "Jan"))

    def test_the_number_is_the_one_that_was_said_not_the_trunk_s_own(self):
        self.serve(dids=["+3150*"])
        trunk = {"uniqueid": "17.1", "channel": "PJSIP/trunk-1", "dnid": "trunk1"}
        self.say_over("event/created?did=%2B31502102544", **trunk)
        self.say_over("event/ended", extension="h", **trunk)
        self.assertEqual([(event["event"], event["did"]) for event in self.told(2)], [("created", "+31502102544"), ("ended", "+31502102544")])

    def test_after_a_question_on_a_telephone_s_channel_the_caller_is_still_who_called(self):
        self.serve()
        self.say("1", "created", callerid="+31111", presentation="prohibited")
        telephone = {"uniqueid": "2", "channel": "PJSIP/101-1"}
        self.say_over("webhook/quiet", callerid="+3199999", calleridname="Secret", **telephone)
        self.say_over("event/ringing?call_id=1&targets=101", callerid="unknown", callingpres="32", **telephone)
        ringing = next(event for event in self.told(3) if event["event"] == "ringing")
        self.assertEqual([ringing[name] for name in ("call_id", "callerid", "callername", "presentation")], ["1", "+31111", None, "prohibited"])

    def test_a_webhook_and_a_dialplan_count_as_the_beginning(self):
        self.serve()
        self.say_over("webhook/crm", uniqueid="1")
        self.say_over("dialplan", uniqueid="2")
        self.assertEqual(self.kinds(2), {"1": ["created"], "2": ["created"]})


if __name__ == "__main__":
    unittest.main()
