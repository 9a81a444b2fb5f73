"""What a channel shows after a question: number, name and presentation for each `callerid` of a webhook and each presentation of the
call, and what a second question finds of the first one."""
import unittest

from support.agi import AgiChannel
from support.case import DialhookTest
from support.configuration import configuration
from support.patience import ample
from support.places import ReservedPort
from support.replies import respond
from support.webserver import WebServer

NUMBER, DID = "+31612345678", "+31502102544"
PRIVATE = {"callingpres 32": {"callingpres": "32"}, "callingpres 35": {"callingpres": "35"}, "anonymous": {"callerid": "anonymous", "calleridname": "Anonymous"},
           "Anonymous": {"callerid": "Anonymous"}}


class CallerIdTest(DialhookTest):
    def setUp(self):
        super().setUp()
        self.web = self.use(WebServer().on("/", respond("status=ACK")))
        self.port = self.use(ReservedPort()).port
        hook = {"url": self.web.url("/?from={callerid}&name={callername}"), "timeout": ample()}
        plan = [{"webhook": "called", "on_success": [{"dial": "101"}]}]
        self.daemon = self.start(configuration(
            {"caller": hook, "called": {**hook, "callerid": "called"}, "suppressed": {**hook, "callerid": "suppressed"}},
            server={"fastagi": f"127.0.0.1:{self.port}"},
            dialplans={"600": [{"dial": "101"}], "601": [{"callername": {"replace": "Sales"}}, {"dial": "101"}],
                       "602": [{"callername": {"prefix": "VIP "}}, {"dial": "101"}], "603": plan, "604": [{"dial": "101"}, *plan]}))
        self.calls = 0

    def ask(self, script, **environment):
        """What the channel shows at the end: number, name, presentation."""
        self.calls += 1
        channel = self.use(AgiChannel(self.port, script, **{"uniqueid": f"{self.calls}.1", "calleridname": "Piet", **environment}))
        self.channel = channel
        self.shown = []
        number, name = environment.get("callerid", NUMBER), environment.get("calleridname", "Piet")
        at = {"CALLERID(num)": number, "CALLERID(name)": name, "CALLERID(pres)": "as it came"}
        while (command := channel.next_command()) is not None:
            self.shown.append(tuple({**at, **channel.variables}[name] for name in at))
            channel.reply("200 result=0")
        return tuple({**at, **channel.variables}[name] for name in at)


class Shown(CallerIdTest):
    def test_an_open_call(self):
        self.assertEqual(self.ask("webhook/caller"), (NUMBER, "Piet", "as it came"))
        self.assertEqual(self.ask("webhook/called"), (DID, "Piet", "allowed"))
        self.web.on("/", respond("status=ACK&callername=Jan"))
        self.assertEqual(self.ask("webhook/caller"), (NUMBER, "Jan", "as it came"))
        self.assertEqual(self.ask("webhook/called"), (DID, "Jan", "allowed"))

    def test_a_suppressed_call_shows_neither_number_nor_name(self):
        for reply in ("status=ACK", "status=NAK", "status=ACK&callername=Jan"):
            self.web.on("/", respond(reply))
            self.assertEqual(self.ask("webhook/suppressed"), ("", "", "prohib"))

    def test_a_private_call_shows_neither_number_nor_name(self):
        for title, private in PRIVATE.items():
            for reply in ("status=ACK", "status=NAK"):
                for webhook in ("caller", "suppressed"):
                    with self.subTest(title, reply=reply, webhook=webhook):
                        self.web.on("/", respond(reply))
                        self.assertEqual(self.ask(f"webhook/{webhook}", **private), ("", "", "prohib"))

    def test_the_called_number_of_a_private_call_comes_without_the_caller_s_name(self):
        for title, private in PRIVATE.items():
            with self.subTest(title):
                self.web.on("/", respond("status=ACK"))
                self.assertEqual(self.ask("webhook/called", **private), (DID, "", "allowed"))
                self.assertEqual(self.channel.variables["DIALHOOK_CALLERNAME"], "")
                self.web.on("/", respond("status=ACK&callername=Jan"))
                self.assertEqual(self.ask("webhook/called", **private), (DID, "Jan", "allowed"))

    def test_steps_of_a_private_call(self):
        for title, private in PRIVATE.items():
            for did in ("600", "601", "602"):
                with self.subTest(title, did=did):
                    self.ask(f"dialplan?did={did}", **private)
                    self.assertEqual([(number, presentation) for number, _, presentation in self.shown], [("", "prohib")], "before the telephone rings")
                    self.assertNotIn("Piet", self.shown[0][1])
            self.ask("dialplan?did=604", **private)
            for number, name, _ in self.shown:
                self.assertIn(number, ("", "604"))
                self.assertEqual(name, "")

    def test_steps_of_an_open_call(self):
        self.ask("dialplan?did=600")
        self.assertEqual(self.shown, [(NUMBER, "Piet", "as it came")])
        self.ask("dialplan?did=602")
        self.assertEqual(self.shown, [(NUMBER, "VIP Piet", "as it came")])

    def test_the_web_server_is_told_who_calls_all_the_same(self):
        self.ask("webhook/caller", callingpres="32")
        self.assertEqual(self.web.requests[-1].query, "from=%2B31612345678&name=Piet")

    def test_no_number_is_no_private_number(self):
        self.assertEqual(self.ask("webhook/caller", callerid="unknown", calleridname="unknown", callingpres="67")[2], "as it came")


class Names(CallerIdTest):
    def told(self, **environment):
        self.ask("webhook/caller", **environment)
        return self.web.requests[-1].query.partition("name=")[2], self.channel.variables["DIALHOOK_CALLERNAME"]

    def test_the_backslashes_of_a_sip_name_are_undone(self):
        self.assertEqual(self.told(type="PJSIP", calleridname='X\\"y\\" \\\\z'), ("X%22y%22%20%5Cz", 'X"y" \\z'))
        self.assertEqual(self.told(type="SIP", calleridname='\\"'), ("%22", '"'))

    def test_other_backslashes_stay(self):
        self.assertEqual(self.told(type="Local", calleridname='X\\"'), ("X%5C%22", 'X\\"'))
        self.assertEqual(self.told(type="PJSIP", calleridname="a\\b\\")[1], "a\\b\\")


class SecondQuestion(CallerIdTest):
    FIRST = "status=ACK&destination=101&callername=Jan&tier=gold&queue-id=7"

    def first(self, webhook="caller", **environment):
        self.web.on("/", respond(self.FIRST))
        shown = self.ask(f"webhook/{webhook}", uniqueid="42.1", **environment)
        self.assertEqual(self.channel.variables["DIALHOOK_VAR_tier"], "gold")
        return {"callerid": shown[0] or "unknown", "calleridname": shown[1] or "unknown", "uniqueid": "42.1",
                "callingpres": "35" if shown[2] == "prohib" else "0"}

    def test_nothing_of_the_first_stays_beside_a_no(self):
        for reply, reason in (("status=NAK", "nak"), ("status=ERR", "err"), ("hello", "bad_reply")):
            with self.subTest(reply):
                now = self.first()
                self.web.on("/", respond(reply))
                self.ask("webhook/caller", **now)
                for name in ("DIALHOOK_VAR_tier", "DIALHOOK_VAR_queue_id", "DIALHOOK_DESTINATION"):
                    self.assertEqual(self.channel.variables[name], "", name)
                self.assertEqual((self.channel.variables["DIALHOOK_REASON"], self.channel.variables["DIALHOOK_BRANCH"]), (reason, "failure"))
                self.assertEqual(self.channel.variables["DIALHOOK_CALLERNAME"], "Piet", "the caller's own name is shown again")
                self.assertEqual(self.web.requests[-1].query, "from=%2B31612345678&name=Piet")

    def test_nor_beside_one_that_is_refused(self):
        now = self.first()
        self.ask("webhook/none", **now)
        variables = self.channel.variables
        for name in ("DIALHOOK_VAR_tier", "DIALHOOK_VAR_queue_id", "DIALHOOK_STATUS", "DIALHOOK_REASON", "DIALHOOK_DESTINATION", "DIALHOOK_BRANCH"):
            self.assertEqual(variables[name], "", name)

    def test_a_third_one_finds_what_the_second_left(self):
        now = self.first()
        self.web.on("/", respond("status=ACK&team=red"))
        self.ask("webhook/caller", **now)
        self.assertEqual(self.channel.variables["DIALHOOK_VAR_team"], "red")
        self.web.on("/", respond("status=NAK"))
        self.ask("webhook/caller", **now)
        self.assertEqual(self.channel.variables["DIALHOOK_VAR_team"], "")

    def test_a_suppressed_first_one_hides_nothing_from_the_second(self):
        now = self.first("suppressed")
        self.web.on("/", respond("status=ACK"))
        self.ask("webhook/caller", **now)
        self.assertEqual(self.web.requests[-1].query, "from=%2B31612345678&name=Piet")

    def test_a_new_channel_has_no_first_question(self):
        self.first()
        self.web.on("/", respond("status=NAK"))
        self.ask("webhook/caller", uniqueid="43.1")
        self.assertNotIn("DIALHOOK_VAR_tier", self.channel.variables)

    def test_a_dialplan_after_a_webhook(self):
        now = self.first()
        self.ask("dialplan?did=600", **now)
        for name in ("DIALHOOK_VAR_tier", "DIALHOOK_VAR_queue_id", "DIALHOOK_STATUS", "DIALHOOK_DESTINATION", "DIALHOOK_REASON"):
            self.assertEqual(self.channel.variables.get(name), "", name)

    def test_no_step_before_its_webhook_runs_beside_the_first_one_s_answer(self):
        now = self.first()
        channel = self.use(AgiChannel(self.port, "dialplan?did=604", **now))
        self.assertEqual(channel.next_command()[:2], ["EXEC", "Dial"])
        for name in ("DIALHOOK_BRANCH", "DIALHOOK_VAR_tier", "DIALHOOK_STATUS", "DIALHOOK_DESTINATION"):
            self.assertEqual(channel.variables.get(name), "", name)

    def test_a_webhook_after_a_dialplan_follows_none(self):
        self.ask("dialplan?did=600", uniqueid="42.1")
        self.assertEqual((self.channel.variables["DIALHOOK_DIALPLAN"], self.channel.variables["DIALHOOK_DONE"]), ("600", "1"))
        self.ask("webhook/caller", uniqueid="42.1")
        self.assertEqual((self.channel.variables["DIALHOOK_DIALPLAN"], self.channel.variables["DIALHOOK_DONE"]), ("", ""))

    def test_a_webhook_after_a_dialplan_is_told_who_calls(self):
        """What the steps hid or changed on the channel is not what the caller brought along."""
        self.web.on("/", respond("status=NAK"))
        self.ask("dialplan?did=600", uniqueid="42.1", callingpres="32")
        self.assertEqual(self.channel.variables["CALLERID(num)"], "")
        self.ask("webhook/caller", uniqueid="42.1", callerid="unknown", calleridname="unknown", callingpres="35")
        self.assertEqual(self.web.requests[-1].query, "from=%2B31612345678&name=Piet")
        shown = self.ask("dialplan?did=602", uniqueid="43.1")
        self.assertEqual(shown[1], "VIP Piet")
        self.ask("webhook/caller", uniqueid="43.1", calleridname=shown[1])
        self.assertEqual(self.web.requests[-1].query, "from=%2B31612345678&name=Piet")


if __name__ == "__main__":
    unittest.main()
