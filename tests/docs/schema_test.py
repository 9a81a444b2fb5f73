"""config/dialhook.schema.json takes what `dialhookd --check` takes, and helps with what it does not: each key by itself. That the
schema is the one of the loader's tables is checked by a unit test (Manual)."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import jsonschema
from core_schema import read
from markdown import ROOT
from programs import BIN, PATIENCE
from yaml_blocks_test import completed, configurations, yaml_blocks

SCHEMA = json.loads((ROOT / "config" / "dialhook.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
WEBHOOK = "webhooks: {{ crm: {{ url: 'https://crm.example/?did={{did}}', {} }} }}"
STEPS = "webhooks: {{ crm: {{ url: 'https://crm.example/' }} }}\ndialplans: {{ '100': {} }}"
IVR = "ivr: {{ start_message: a, incorrect_message: b, timeout_message: c, {} }}"

# Each is wrong by itself, for the schema and for the daemon.
WRONG = [
    "[]",
    "webhook: {}",
    "server: { thread: 1 }",
    "server: { threads: 0 }",
    "server: { threads: '1' }",
    "server: { threads: 257 }",
    "server: { redact: yes }",
    "server: { drain: 10 s }",
    "server: { drain: 25h1, threads: 1 }",
    "server: { drain: 86401 }",
    "server: { socket: dialhook.sock }",
    "server: { socket_mode: '0888' }",
    "server: { allow_users: [] }",
    "server: { fastagi: localhost }",
    "server: { numbers: { international: '+' } }",
    "server: { log: { level: loud } }",
    "server: { log: { decision: all } }",
    "egress: { allow: 10.0.0.0/8 }",
    "egress: { proxy: 'https://proxy.lan:3128' }",
    "defaults: { url: 'https://crm.example/' }",
    "defaults: { timeout: 0 }",
    "webhooks: { crm: {} }",
    "webhooks: { crm: }",
    "webhooks: { 'c/r/m': { url: 'https://crm.example/' } }",
    "webhooks: { crm: { url: crm.example } }",
    WEBHOOK.format("timeout: 0ms"),
    WEBHOOK.format("timeout: 5sec"),
    WEBHOOK.format("retries: 11"),
    WEBHOOK.format("retries: 1.5"),
    WEBHOOK.format("method: PUT"),
    WEBHOOK.format("callerid: nobody"),
    WEBHOOK.format("cache: 0"),
    WEBHOOK.format("cache: on"),
    WEBHOOK.format("circuit_breaker: on"),
    WEBHOOK.format("circuit_breaker: { failures: 0 }"),
    WEBHOOK.format("destinations: []"),
    WEBHOOK.format("destinations: all"),
    WEBHOOK.format("tls: { min_version: '1.1' }"),
    WEBHOOK.format("headers: [X-Tenant]"),
    WEBHOOK.format("secret: []"),
    WEBHOOK.format("ivr: { start_message: a }"),
    WEBHOOK.format(IVR.format("terminator: '##'")),
    WEBHOOK.format(IVR.format("max_digits: 0")),
    STEPS.format("[]"),
    STEPS.format("{ dial: '101' }"),
    STEPS.format("[dial]"),
    STEPS.format("[{}]"),
    STEPS.format("[[dial, 101]]"),
    STEPS.format("[5]"),
    STEPS.format("[true]"),
    STEPS.format("['']"),
    STEPS.format("[{ '': welcome }]"),
    STEPS.format("[{ dial: '101', play: welcome }]"),
    STEPS.format("[{ dial: { destination: variable } }]"),
    STEPS.format("[{ callername: { from: webhook } }]"),
    STEPS.format("[{ callername: { prefix: a, replace: b } }]"),
    STEPS.format("[{ on_success: [hangup] }]"),
    STEPS.format("[{ webhook: crm, then: [hangup] }]"),
    STEPS.format("[{ webhook: crm, on_failure: [{ dial: { destination: variable } }] }]"),
    STEPS.format("[{ webhook: crm, on_success: [{ webhook: crm }] }]"),
]

RIGHT = [
    "server:\negress:\ndefaults:\nwebhooks:\ndialplans:",
    "server: { drain: 0, socket_mode: 0660, threads: 2, log: { format: json } }",
    "egress: { allow: [10.20.0.0/16, crm.lan], deny: [], proxy: 'http://proxy.lan:3128' }",
    "include: [a/*.yaml, b/*.yaml]",
    "asterisk: { dial: 'PJSIP/${destination}@trunk,30' }",
    "defaults: { headers: {}, tls: {}, destinations: any, retries: 0, fallback_url: off, secret: off, circuit_breaker: off, "
    "cache: off, stale_if_error: off }",
    WEBHOOK.format("timeout: 1.5, connect_timeout: 250ms, cache: 30, stale_if_error: 12h, circuit_breaker: {}"),
    WEBHOOK.format("destinations: ['+31*', 112, 'sip:*'], description: 42, tls: { min_version: 1.3 }"),
    WEBHOOK.format(IVR.format("max_digits: 6, terminator: 0")),
    STEPS.format("[hangup, { dial: 101 }, { queue: { name: 20 } }, { exec: { app: Verbose, args: 'hi' } }]"),
    STEPS.format("[{ callername: { prefix: '' } }, { webhook: crm, on_success: [{ callername: { from: webhook } }, "
                 "{ dial: { destination: variable } }], on_failure: }]"),
]


def complaints(text):
    return [error.message for error in VALIDATOR.iter_errors(read(text))]


def is_taken(text):
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "dialhook.yaml"
        config.write_text(text, encoding="utf-8")
        return subprocess.run([BIN / "dialhookd", "--config", config, "--check"], capture_output=True, timeout=PATIENCE,
                              check=False).returncode == 0


def objects(schema):
    """Every schema of a mapping in `schema`."""
    if isinstance(schema, dict):
        if "properties" in schema and isinstance(schema["properties"], dict):
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def with_key(schema, name):
    """Every schema in `schema` that has this keyword."""
    if isinstance(schema, dict):
        if isinstance(schema.get(name), str):
            yield schema
        for value in schema.values():
            yield from with_key(value, name)
    elif isinstance(schema, list):
        for value in schema:
            yield from with_key(value, name)


class Schema(unittest.TestCase):
    def test_is_a_schema(self):
        jsonschema.Draft7Validator.check_schema(SCHEMA)

    def test_takes_the_sample_and_every_configuration_of_the_pages(self):
        texts = {"config/dialhook.yaml": (ROOT / "config" / "dialhook.yaml").read_text(encoding="utf-8")}
        texts |= {block.place: block.text for block in configurations()}
        texts |= {block.place: completed(block.text) for block in yaml_blocks("fragment")}
        self.assertGreater(len(texts), 5)
        for place, text in texts.items():
            with self.subTest(place):
                self.assertEqual(complaints(text), [])

    def test_takes_what_the_daemon_takes(self):
        for text in RIGHT:
            with self.subTest(text):
                self.assertTrue(is_taken(text))
                self.assertEqual(complaints(text), [])

    def test_refuses_what_the_daemon_refuses(self):
        for text in WRONG:
            with self.subTest(text):
                self.assertFalse(is_taken(text))
                self.assertNotEqual(complaints(text), [])

    def test_every_key_says_what_it_means(self):
        sections = [section for section in objects(SCHEMA) if section.get("additionalProperties") is False and
                    "destination" not in section["properties"] and "prefix" not in section["properties"]]
        self.assertGreater(len(sections), 8)
        for section in sections:
            for name, key in section["properties"].items():
                with self.subTest(name):
                    self.assertTrue(key.get("description"))

    def test_what_a_pattern_wants_is_said_in_words(self):
        """An editor would show the regular expression otherwise."""
        found = list(with_key(SCHEMA, "pattern"))
        self.assertGreater(len(found), 10)
        for schema in found:
            with self.subTest(schema["pattern"]):
                self.assertRegex(schema.get("patternErrorMessage", ""), r"^expected ")

    def test_an_editor_completes_a_section_to_its_keys(self):
        breaker = SCHEMA["properties"]["webhooks"]["additionalProperties"]["properties"]["circuit_breaker"]
        snippet, = breaker["defaultSnippets"]
        self.assertEqual(snippet["body"], {"failures": 5, "open_for": "10s"})
        self.assertNotIn("default", breaker)
        jsonschema.Draft7Validator(breaker).validate(snippet["body"])

    def test_an_editor_offers_the_steps_that_every_integration_knows(self):
        for name in ("steps", "steps_on_success", "steps_on_failure"):
            mapping, word = SCHEMA["definitions"][name]["items"]["anyOf"]
            with self.subTest(name):
                offered = set(mapping["properties"]) - {"webhook", "on_success", "on_failure"}
                self.assertEqual(offered, {"play", "dial", "queue", "voicemail", "hangup", "answer", "callername", "exec"})
                self.assertEqual(set(mapping["properties"]["exec"]["properties"]), {"app", "args"})
                self.assertEqual(word["anyOf"][0]["enum"], ["hangup", "answer"])

    def test_defaults_are_values_that_the_schema_takes(self):
        for section in objects(SCHEMA):
            for name, key in section["properties"].items():
                if "default" in key:
                    with self.subTest(name):
                        jsonschema.Draft7Validator(key).validate(key["default"])

    def test_the_sample_names_the_schema(self):
        first = (ROOT / "config" / "dialhook.yaml").read_text(encoding="utf-8").splitlines()[0]
        self.assertEqual(first, "# yaml-language-server: $schema=/usr/share/dialhook/dialhook.schema.json")


if __name__ == "__main__":
    unittest.main()
