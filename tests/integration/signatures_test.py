"""Signed requests, verified as a web developer would."""
import base64
import time
import unittest

from support.case import DialhookTest
from support.configuration import configuration
from support.patience import ample
from support.replies import redirect, respond
from support.signatures import is_signed_by
from support.webserver import WebServer

OLD, NEW = (base64.b64encode(bytes([byte]) * 32).decode() for byte in (1, 2))


class Signatures(DialhookTest):
    def serve(self, keys):
        self.web = self.use(WebServer().on("/", respond()))
        self.daemon = self.start(configuration({"crm": {"url": self.web.url("/?did={did}"), "timeout": ample(), **keys}}))
        self.asking = self.engine(self.daemon)
        self.assert_success(self.asking.route("crm"))
        return self.web.requests[0]

    def test_a_get_is_signed_over_its_target(self):
        request = self.serve({"secret": f"whsec_{NEW}"})
        self.assertTrue(is_signed_by(NEW, request))
        self.assertFalse(is_signed_by(OLD, request))
        self.assertLess(abs(time.time() - int(request.header("webhook-timestamp"))), 300)

    def test_a_post_is_signed_over_its_body(self):
        for body in ("form", "json"):
            with self.subTest(body):
                self.assertTrue(is_signed_by(NEW, self.serve({"secret": f"whsec_{NEW}", "method": "POST", "body": body})))

    def test_two_secrets_are_two_signatures(self):
        request = self.serve({"secret": [f"whsec_{NEW}", f"whsec_{OLD}"]})
        self.assertTrue(is_signed_by(NEW, request) and is_signed_by(OLD, request))

    def test_a_secret_may_be_a_file(self):
        path = self.scratch().write("secret", f"whsec_{NEW}\n")
        self.assertTrue(is_signed_by(NEW, self.serve({"secret": "${file:%s}" % path})))

    def test_every_request_has_an_id_of_its_own(self):
        self.serve({"secret": f"whsec_{NEW}"})
        self.asking.route("crm")
        self.assertEqual(len({request.header("webhook-id") for request in self.web.requests}), 2)

    def test_a_redirect_is_signed_anew_on_its_own_origin_alone(self):
        other = self.use(WebServer().on("/", respond()))
        self.serve({"secret": f"whsec_{NEW}"})
        self.web.on("/", redirect("/next")).on("/next", redirect(other.url("/")))
        self.assert_success(self.asking.route("crm"))
        self.assertTrue(is_signed_by(NEW, self.web.requests_for("/next")[0]))
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
            self.assertIsNone(other.requests[0].header(name))

    def test_without_a_secret_nothing_is_signed(self):
        self.assertIsNone(self.serve({}).header("webhook-signature"))

    def test_the_secret_is_in_no_log_and_no_list(self):
        self.serve({"secret": f"whsec_{NEW}"})
        self.assertNotIn(NEW, self.daemon.stderr())


if __name__ == "__main__":
    unittest.main()
