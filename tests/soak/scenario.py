"""The mixed load of a soak: webhooks, how often each is asked, and what may come of it. Anything else is a wrong answer."""
import random

from support.conversation import IVR

DID = "+31502102544"
REPORTED = "+31501234567"    # of calls that are only told of
SUCCESS = "success"

# name: (path, settings, share of the calls, what may come of a call)
WEBHOOKS = {
    "ack": ("/ack", {}, 40, {SUCCESS}),
    "post": ("/ack", {"method": "POST", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, 10, {SUCCESS}),
    "once": ("/once", {}, 8, {SUCCESS}),
    "idle": ("/idle", {}, 8, {SUCCESS}),
    "redirect": ("/redirect", {}, 4, {SUCCESS}),
    "slow": ("/slow", {}, 6, {SUCCESS}),
    "few": ("/slow", {"max_connections": 2}, 2, {SUCCESS}),
    "cached": ("/ack", {"cache": "100ms"}, 4, {SUCCESS}),
    "retried": ("/flaky", {"retries": 6}, 4, {SUCCESS, "http_status"}),
    "nak": ("/nak", {}, 4, {"nak"}),
    "hang": ("/hang", {"timeout": "700ms"}, 3, {"timeout"}),
    "drip": ("/drip", {"timeout": "700ms"}, 2, {"timeout"}),
    "reset": ("/reset", {}, 2, {"connect"}),
    "close": ("/close", {}, 2, {"connect"}),
    "cut": ("/cut", {}, 2, {"connect"}),
    "garbage": ("/garbage", {}, 2, {"bad_reply"}),
    "large": ("/large", {}, 1, {"bad_reply"}),
    "guarded": ("/garbage", {"circuit_breaker": {"failures": 3, "open_for": "300ms"}}, 2, {"bad_reply", "circuit_open"}),
    "fallback": ("/garbage", {"fallback": "/ack"}, 2, {SUCCESS}),
    "background": ("/ack", {"wait": False}, 4, {SUCCESS}),
    "ivr": ("/code", {"ivr": IVR}, 4, {SUCCESS, "ivr_attempts"}),
}
ELSEWHERE = {    # where the path is not on the plain port
    "tls": ({SUCCESS}, 6), "named": ({SUCCESS}, 4), "inside": ({"egress"}, 2), "refused": ({"connect"}, 2),
    "outage": ({SUCCESS, "dns"}, 4),    # a daemon that has just started has no older answer
}
OUTCOMES = {**{name: row[3] for name, row in WEBHOOKS.items()}, **{name: row[0] for name, row in ELSEWHERE.items()},
            "dialplan": {SUCCESS}}
SHARES = {**{name: row[2] for name, row in WEBHOOKS.items()}, **{name: row[1] for name, row in ELSEWHERE.items()}, "dialplan": 6}


def hooks(web, refusing_port, ca_file):
    base, identity = f"http://127.0.0.1:{web.port}", "?id={call_id}"
    made = {}
    for name, (path, settings, _, _) in WEBHOOKS.items():
        made[name] = {"url": base + path + identity, **settings}
        if fallback := made[name].pop("fallback", None):
            made[name]["fallback_url"] = base + fallback + identity
    made["ivr"]["url"] += "&code={code}"
    made["cached"]["url"] = f"{base}/ack"    # the same for all, so that they share it
    made["tls"] = {"url": f"https://127.0.0.1:{web.tls_port}/once{identity}", "tls": {"ca_file": ca_file}}
    made["named"] = {"url": f"http://crm.test:{web.port}/once{identity}"}
    made["outage"] = {"url": f"http://outage.test:{web.port}/once{identity}"}
    made["inside"] = {"url": f"http://10.0.0.1/{identity}"}
    made["refused"] = {"url": f"http://127.0.0.1:{refusing_port}/{identity}"}
    return made


def notifications(web):
    """One that gets everything of the calls that are reported, beside one that hangs."""
    base = f"http://127.0.0.1:{web.port}"
    return {"told": {"url": f"{base}/event", "dids": [REPORTED]},
            "hanging": {"url": f"{base}/hang", "dids": [REPORTED], "timeout": "700ms", "events": ["ended"], "expires": "1m"}}


def content(web, refusing_port, ca_file, dns, edition):
    """The configuration; each edition differs, so that a reload has something to do."""
    made = hooks(web, refusing_port, ca_file)
    for name in ("ack", "cached", "guarded", "few"):
        made[name]["description"] = f"edition {edition}"
        made[name]["timeout"] = f"{10000 + edition}ms"
    steps = [{"play": "welcome"}, {"webhook": "ack", "on_success": [{"dial": {"destination": "variable"}}], "on_failure": [{"dial": "101"}]}]
    return {"server": {"dns": {"servers": [dns]}, "drain": "20s", "log": {"level": "warning", "decisions": "none", "format": "json"}},
            "egress": {"allow": ["127.0.0.0/8"]}, "defaults": {"timeout": "10s", "connect_timeout": "5s"},
            "webhooks": made, "dialplans": {DID: steps}, "notifications": notifications(web)}


def next_kind():
    return random.choices(list(SHARES), list(SHARES.values()))[0]


def route_of(kind, call_id):
    call = {"did": DID, "callerid": "+31612345678", "callername": "Jan", "call_id": call_id}
    return call if kind == "dialplan" else {**call, "webhook": kind}
