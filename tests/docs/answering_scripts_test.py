"""The answering scripts of docs/webhook-authors.md, asked by the real daemon."""

import unittest

from programs import daemon
from scripts import InEachLanguage, blocks, decision


def plays():
    return blocks("crm")


class AnsweringScripts(InEachLanguage, unittest.TestCase):
    script = "crm"

    def judge(self, port):
        url = f"http://127.0.0.1:{port}/?did={{did}}&callerid={{callerid}}"
        with daemon(f'  crm: {{ url: "{url}" }}\n') as engines:
            self.judge_answers(engines)

    def judge_answers(self, engines):
        known = decision(engines, "crm", "--callerid", "+31612345678")
        self.assertEqual((known["branch"], known["status"], known["destination"], known["callername"]),
                         ("success", "ACK", "+31502102544", "Jan de Vries"), known)
        other = decision(engines, "crm", "--callerid", "+31687654321")
        self.assertEqual((other["status"], other["destination"], other["callername"]), ("ACK", "101", "Smith & Sons"))
        for callerid in ("+31600000000", "", "anonymous"):
            unknown = decision(engines, "crm", "--callerid", callerid)
            self.assertEqual((unknown["branch"], unknown["status"], unknown["reason"]), ("failure", "NAK", "nak"), unknown)


if __name__ == "__main__":
    unittest.main()
