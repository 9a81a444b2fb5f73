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
apt-get() { command apt-get --simulate "$@"; }
"""


def blocks(page, language):
    return [block for block in installing_beside_a_pbx() if block.page.name == page and block.info == (language,)]


class InstallPages(unittest.TestCase):
    def play(self, page, afterwards):
        assert os.geteuid() == 0, "the pages are played on top of this machine's own /usr and /etc: that needs root"
        (block,) = blocks(page, "sh")
        done = subprocess.run(["unshare", "--mount", "bash", "-c", PRELUDE + block.text + afterwards], cwd=ROOT, stdin=subprocess.DEVNULL,
                              env={**os.environ, "LC_ALL": "C.UTF-8"},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("0 newly installed", done.stdout, "scripts/install-e2e does not install what the page does")
        return done.stdout

    def test_kamailio(self):
        self.assertIn("config file ok", self.play("kamailio.md", "\nlua5.1 -e 'require \"dialhook_client\"'\n"))

    def test_freeswitch(self):
        """The page is for a mod_lua with Lua 5.2; for 5.1 there are an interpreter and modules here."""
        self.play("freeswitch.md", "\ntest -r /usr/share/freeswitch/scripts/dialhook.lua\n"
                                   "LUA_PATH='/usr/local/share/lua/5.2/?.lua;;' lua5.1 -e 'require \"dialhook_client\"'\n")

    def test_freeswitch_dialplan(self):
        (block,) = blocks("freeswitch.md", "xml")
        extensions = xml.etree.ElementTree.fromstring(f"<context>{block.text}</context>").findall("extension")
        entered = {extension.get("name"): extension.find("condition").get("expression") for extension in extensions}
        for branch in ("success", "failure", "away"):
            self.assertRegex(f"dialhook_{branch}", entered[f"dialhook_{branch}"])
        for destination, is_dialled in {"+31502102544": True, "*21#": True, "sip:jan@pbx.lan": False, "": False}.items():
            pattern = extensions[1].findall("condition")[1].get("expression")
            self.assertEqual(re.search(pattern, destination) is not None, is_dialled, destination)
        self.assertIn('data="dialhook.lua webhook crm"', block.text)


if __name__ == "__main__":
    unittest.main()
