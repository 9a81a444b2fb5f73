"""The blocks that need more than this machine as an ordinary user has it, and are played by the end-to-end suites, which take them from
here."""

from markdown import ROOT, blocks_of


NODE_RED = ROOT / "docs" / "how-to" / "node-red.md"


def blocks(page, *infos):
    return [block for block in blocks_of(ROOT / "docs" / page) if block.info in {(info,) for info in infos}]


def in_a_debian_with_systemd():
    """tests/systemd/page_test.py"""
    return blocks("systemd.md", "sh", "ini")


def installing_beside_a_pbx():
    """tests/e2e/install_pages_test.py"""
    return blocks("kamailio.md", "sh") + blocks("freeswitch.md", "sh", "xml")


def dialplans_of_asterisk():
    """tests/e2e/asterisk_pages_test.py"""
    return blocks("asterisk.md", "ini") + blocks("how-to/from-curl.md", "ini") + blocks("engines-over-http.md", "ini")


def commands_of_freepbx():
    """tests/e2e/asterisk_freepbx_test.py"""
    return blocks("freepbx.md", "sh")


def globals_of_freepbx():
    """tests/e2e/asterisk_freepbx_test.py"""
    return blocks("freepbx.md", "ini")


def engine_of_several_nodes():
    """tests/integration/two_nodes_test.py"""
    return blocks("several-nodes.md", "python")


def dialplan_of_several_nodes():
    """tests/e2e/asterisk_nodes_test.py"""
    return blocks("several-nodes.md", "ini")


def redirects_that_are_followed():
    """tests/e2e/kamailio_following_test.py"""
    return blocks("kamailio.md", "cfg")


def lines_that_send(page):
    return [block for block in blocks(page, "text", "xml") if "diversion" in block.text]


def lines_that_send_by_kamailio():
    """tests/e2e/kamailio_test.py"""
    return lines_that_send("kamailio.md")


def lines_that_send_by_asterisk():
    """tests/e2e/asterisk_vars_test.py"""
    return lines_that_send("asterisk.md")


def flow_of_node_red():
    """tests/e2e/node_red_test.py"""
    return [block for block in blocks_of(NODE_RED) if block.file or block.info == ("console",)]
