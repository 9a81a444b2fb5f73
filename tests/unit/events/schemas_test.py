"""Every body fits the JSON Schema of its format, and the schemas refuse what no body may be."""

import json
import os
import pathlib
import subprocess
import unittest

import jsonschema

ROOT = pathlib.Path(__file__).parents[3]
BIN = pathlib.Path(os.environ.get("DIALHOOK_BIN_DIR", ROOT / "build" / "dev" / "bin"))


def validator(name):
    schema = json.loads((ROOT / "config" / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


class Schemas(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        lines = subprocess.run([BIN / "event_bodies"], check=True, capture_output=True, text=True, encoding="utf-8").stdout.splitlines()
        cls.bodies = [(format, json.loads(body)) for format, body in (line.split("\t", 1) for line in lines)]
        cls.validators = {name: validator(name) for name in ("voys-v2", "cloudevent")}

    def test_every_body_fits(self):
        self.assertEqual(len(self.bodies), 2000)
        for format, body in self.bodies:
            with self.subTest(body):
                self.validators[format].validate(body)

    def test_every_status_and_event_was_there(self):
        voys = {body["status"] for format, body in self.bodies if format == "voys-v2"}
        self.assertEqual(voys, {"created", "ringing", "in-progress", "warm-transfer", "cold-transfer", "ended"})
        events = {body["type"] for format, body in self.bodies if format == "cloudevent"}
        self.assertEqual(events, {f"dialhook.call.{kind}" for kind in ("created", "ringing", "answered", "transferred", "ended")})

    def test_no_member_may_be_missing_and_none_may_be_added(self):
        for format in self.validators:
            body = next(body for name, body in self.bodies if name == format)
            for member in body:
                with self.subTest(format=format, without=member):
                    self.assertFalse(self.validators[format].is_valid({name: value for name, value in body.items() if name != member}))
            self.assertFalse(self.validators[format].is_valid(body | {"another": 1}))

    def test_only_an_end_has_a_reason(self):
        created = next(body for format, body in self.bodies if format == "voys-v2" and body["status"] == "created")
        self.assertFalse(self.validators["voys-v2"].is_valid(created | {"reason": "busy"}))
        self.assertFalse(self.validators["voys-v2"].is_valid(created | {"status": "ended"}))


if __name__ == "__main__":
    unittest.main()
