"""Configuration files for the daemon, as Python values. JSON is YAML, so `json` is all it takes to write them."""
import json

from .patience import ample

# The web servers of the tests are on the loopback device, which the egress rules close by default.
LOOPBACK = {"allow": ["127.0.0.0/8", "::1"]}


def configuration(webhooks, *, server=None, egress=LOOPBACK, defaults=None, **more):
    """`egress=None` leaves the built-in rules alone. The two seconds of the default `connect_timeout` would be short on a
    busy machine: it is ample unless a test sets one."""
    content = {"server": server or {}, "defaults": {"connect_timeout": ample(), **(defaults or {})}, "webhooks": webhooks, **more}
    if egress is not None:
        content["egress"] = egress
    return content


def as_yaml(content):
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
