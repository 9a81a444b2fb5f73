"""The server, the stream and the notification of docs/nats.md belong together, and no right is missing."""
import json
import re
import unittest

from markdown import ROOT, blocks_of
import programs  # noqa: F401, where support is found

from support.case import DialhookTest
from support.nats import NatsServer
from support.patience import wait_until

PAGE = ROOT / "docs" / "nats.md"


def blocks(info):
    return [block for block in blocks_of(PAGE) if block.info == (info,)]


def plays():
    return blocks("conf") + blocks("json")


class NatsPage(DialhookTest):
    def test_an_event_comes_into_the_stream(self):
        (conf,), (stream,), (notification,) = (blocks(info) for info in ("conf", "json", "yaml"))
        own = re.sub(r"^(listen|jetstream).*\n", "", conf.text, flags=re.MULTILINE)    # the port and folder of the test instead
        self.assertEqual(conf.text.count("\n") - own.count("\n"), 2)
        server = self.use(NatsServer(own))
        admin = re.search(r"user: admin, password: \"(.*?)\"", own)[1]
        client = self.use(server.client(**{"user": "admin", "pass": admin}))
        client.stream(**json.loads(stream.text))
        text, replaced = re.subn(r"nats1\.lan,nats2\.lan:4223", f"127.0.0.1:{server.port}", notification.text)
        self.assertEqual(replaced, 1)
        files = self.scratch()
        text += f"server: {{ socket: {files.path}/engine.sock, control: {files.path}/control.sock }}\nwebhooks: {{}}\n"
        daemon = self.start(text, scratch=files, arguments=("--state", str(files.path / "state")))
        self.engine(daemon).report("1", "created")
        wait_until(lambda: client.count() == 1, "the event is in the stream")


if __name__ == "__main__":
    unittest.main()
