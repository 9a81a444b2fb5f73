"""docs/kamailio.md and docs/freeswitch.md, played from a shell that sees a /usr and an /etc of its own: what is written there is gone with
it. FreeSWITCH itself is nowhere to be had; freeswitch_test.py plays its script against a stub."""
import os
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree

from support import ROOT
from support.patience import PATIENCE

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from elsewhere import installing_beside_a_pbx  # noqa: E402

# apt-get is asked what it would do: scripts/install-e2e has installed the packages.
PRELUDE = """
set -e
mount -t tmpfs none /mnt
for folder in etc usr; do
    mkdir -p /mnt/$folder/new /mnt/$folder/work
    mount -t overlay -o lowerdir=/$folder,upperdir=/mnt/$folder/new,workdir=/mnt/$folder/work overlay /$folder
done
mkdir -p /usr/share/freeswitch/scripts
sudo() { "$@"; }
systemctl() { echo "systemctl $*"; }
apt-get() { command apt-get --simulate "$@"; }
"""


def blocks(page, language):
    return [block for block in installing_beside_a_pbx() if block.page.name == page and block.info == (language,)]


class InstallPages(unittest.TestCase):
    def play(self, page, afterwards):
        assert os.geteuid() == 0, "the pages are played on top of this machine's own /usr and /etc: that needs root"
        commands = "".join(block.text for block in blocks(page, "sh"))
        done = subprocess.run(["unshare", "--mount", "bash", "-c", PRELUDE + commands + afterwards], cwd=ROOT, stdin=subprocess.DEVNULL,
                              env={**os.environ, "LC_ALL": "C.UTF-8"},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("0 newly installed", done.stdout, "scripts/install-e2e does not install what the page does")
        return done.stdout

    def test_kamailio(self):
        self.assertIn("config file ok", self.play("kamailio.md", "\nlua5.1 -e 'require \"dialhook_client\"'\n"))

    def test_freeswitch(self):
        """With each Lua that mod_lua can be built with, as it is started: nothing but FreeSWITCH says where the scripts are."""
        stub = ROOT / "tests" / "e2e" / "freeswitch" / "stub.lua"
        call = '{"script_dir":"/usr/share/freeswitch/scripts","variables":{"uuid":"5f1c","destination_number":"1","dialhook_socket":"/mnt/none"}}'
        played = self.play("freeswitch.md", rf"""
            echo '{call}' > /mnt/call.json
            for lua in lua5.1 lua5.2 lua5.3 lua5.4; do
                $lua {stub} /usr/share/freeswitch/scripts/dialhook.lua /mnt/call.json webhook crm |
                    sed 's:\\/:/:g'
            done
            cp systemd/dialhook-engine.socket systemd/dialhook.service /usr/lib/systemd/system
            systemd-analyze cat-config systemd/system/dialhook-engine.socket
        """)
        self.assertEqual(played.count("no decision: away, /mnt/none: no such file or directory"), 4, played)
        self.assertRegex(played, r"dialhook-engine.socket.d/freeswitch.conf\n\[Socket\]\nSocketGroup=freeswitch\n")
        self.assertEqual(re.findall("systemctl .*", played), ["systemctl daemon-reload"] + [
            f"systemctl {what} dialhook-engine.socket dialhook.service" for what in ("stop", "start")])

    def extensions_of_freeswitch(self):
        inbound, own, *_, harmless = (xml.etree.ElementTree.fromstring(f"<top>{block.text}</top>") for block in blocks("freeswitch.md", "xml"))
        return inbound.find("extension"), own.find(".//context[@name='dialhook']").findall("extension"), harmless.find("extension")

    def followed(self, **fields):
        """The first action in the page's own context."""
        for extension in self.extensions_of_freeswitch()[1]:
            matches = [re.search(condition.get("expression"), fields[condition.get("field").strip("${}")])
                       for condition in extension.findall("condition")]
            if all(matches):
                return extension.find(".//action").get("data").replace("$1", "".join(matches[-1].groups()))
        return None

    def test_freeswitch_dialplan_of_several(self):
        several = "[leg_timeout=20]sofia/gateway/trunk/101,[leg_timeout=20]sofia/gateway/trunk/102"
        self.assertEqual(self.followed(destination_number="dialhook_success", dialhook_destination="101", dialhook_destinations=several),
                         "ignore_early_media=ring_ready")
        (extension,) = [each for each in self.extensions_of_freeswitch()[1] if each.get("name") == "several"]
        bridge = extension.findall(".//action")[-1]
        self.assertEqual((bridge.get("application"), bridge.get("data")), ("bridge", "$1"))

    def test_freeswitch_dialplan(self):
        for branch, destination, followed in (
                ("success", "+31502102544", "sofia/gateway/trunk/+31502102544"), ("success", "*21#", "sofia/gateway/trunk/*21#"),
                ("success", "sip:jan@pbx.lan", "sofia/external/sip:jan@pbx.lan"), ("success", "", "100 XML default"),
                ("success", "101,[api_on_answer='system id']user/1", "100 XML default"), ("success", "sip:a@b;c", "100 XML default"),
                ("failure", "", "101 XML default"), ("none", "", "101 XML default"), ("away", "", "102 XML default")):
            with self.subTest(branch, destination=destination):
                self.assertEqual(self.followed(destination_number=f"dialhook_{branch}", dialhook_destination=destination,
                                               dialhook_destinations=""), followed)

    def test_freeswitch_takes_nothing_but_a_number_from_a_caller(self):
        inbound, _, harmless = self.extensions_of_freeswitch()
        for text, is_number in {"+31502102544": True, "112": True, "dialhook_success": False, "${system(id)}": False, "1,[x=y]": False}.items():
            pattern = inbound.find("condition").get("expression")
            self.assertEqual(re.search(pattern, text) is not None, is_number, text)
        for text, is_harmless in {"103": True, "103,[api_on_answer='system id']user/1": False, "": False, "a": False}.items():
            pattern = harmless.find("condition").get("expression")
            self.assertEqual(re.search(pattern, text) is not None, is_harmless, text)
        following = xml.etree.ElementTree.fromstring(blocks("freeswitch.md", "xml")[2].text)
        self.assertEqual(following.find("condition").get("expression"), inbound.find("condition").get("expression"))
        for extension, arguments, context in ((inbound, "webhook crm", "dialhook"), (following, "dialplan", "fallback")):
            self.assertEqual([action.get("data") for action in extension.findall(".//action")], [
                "dialhook_branch=away", f"dialhook.lua {arguments}", f"dialhook_${{dialhook_branch}} XML {context}"])


if __name__ == "__main__":
    unittest.main()
