"""Every figure that we set a bar for, in the order of docs/performance.md."""

from dataclasses import dataclass
from statistics import median

from .cases import ALL_WEBHOOKS, FEW_WEBHOOKS, ONE, PIPELINED, Case
from .cold import CLIENTS
from .events import CALLS, RATE, WAITING
from .hanging import HUNG, LATE
from .includes import FEW_FILES, MANY_FILES
from .web import (OLD_TLS, OLD_TLS_CLOSING, SLOW, TLS, TLS_CHAIN, TLS_CLOSING, TLS_FULL, TLS_RSA, WRITES_ONCE, WRITES_TWICE)

NOISE = 0.02  # share of a core that others may take in a window that still counts as quiet
KIB, MB = 1024, 1_000_000

DIALHOOK, NGINX, HAPROXY, FLOOR = (Case(system) for system in ("dialhook", "nginx", "haproxy", "floor"))


@dataclass(frozen=True)
class Bar:
    what: str
    values: list                 # one for each round
    limit: float | None = None   # None: reported only
    unit: str = ""
    digits: int = 2
    at_least: bool = False       # the limit is the least, not the most
    disturbed: bool = False      # others used the core in half of the windows or more

    @property
    def verdict(self):
        if self.limit is None:
            return "reported"
        if self.disturbed:
            return "not judged"
        figure = median(self.values)
        return "reached" if (figure >= self.limit if self.at_least else figure <= self.limit) else "missed"


def all_bars(results) -> list:
    """Those whose figures were measured."""
    bars = [*round_bars(results.rounds), *cold_bars(results.cold), *hanging_bars(results.hanging), *scale_bars(results.scale),
            *include_bars(results.includes), *event_bars(results.events), *footprint_bars(results.footprint), *thread_bars(results.threads)]
    return [bar for bar in bars if bar.values]


def round_bars(rounds):
    for system, note, bar in of_both_builds(True):
        def of(limit, bar=bar):
            return limit if bar else None

        yield cpu(rounds, f"64×1 / nginx{note}", Case(system), NGINX, of(0.8))
        yield cpu(rounds, f"8 connections × 8 pipelined / nginx 64×1{note}", Case(system, PIPELINED), NGINX, of(0.62))
        yield cpu(rounds, f"one call at a time / nginx{note}", Case(system, ONE), Case("nginx", ONE), of(1.1))
        yield cpu(rounds, f"64×1 / haproxy without any log{note}", Case(system), HAPROXY, of(0.9))
        yield cpu(rounds, f"64×1 / the floor{note}", Case(system), FLOOR, of(1.35))
    yield cpu(rounds, "64×1, asked over HTTP / over the Unix socket", Case("engine-http"), DIALHOOK, 1.3)
    yield cpu(rounds, "one call at a time, asked over HTTP / over the Unix socket", Case("engine-http", ONE), Case("dialhook", ONE), None)
    yield from open_bars(rounds)
    yield from tls_bars(rounds)
    yield from slow_bars(rounds)
    for system, note, limit in of_both_builds(1.15):
        yield cpu(rounds, f"calls spread over {ALL_WEBHOOKS:,} webhooks in random order / over {FEW_WEBHOOKS}{note}",
                  Case(system, webhooks=ALL_WEBHOOKS), Case(system, webhooks=FEW_WEBHOOKS), limit)


def of_both_builds(limit):
    """(system, note, limit): bars are for the daemon as the package has it; that of the preset release stands beside it."""
    return ("dialhook", "", limit), ("release", ", release", None)


def open_bars(rounds):
    for system, note, limit in of_both_builds(1.1):
        ours, theirs = Case(system, open=True), Case("nginx", open=True)
        yield ratio(rounds, f"p50 at {rounds.rate:,.0f} calls/s / nginx{note}", ours, theirs, "p50_us", limit)
        yield ratio(rounds, f"p99 at {rounds.rate:,.0f} calls/s / nginx{note}", ours, theirs, "p99_us", limit)


def tls_bars(rounds):
    for web, what, limit in ((TLS, "kept connections", 0.85), (TLS_CLOSING, "the web server closes each time", 1.0)):
        for system, peer, bar in (("dialhook", "nginx", limit), ("dialhook", "haproxy", None), ("release", "nginx", None)):
            note = ", release" if system == "release" else ""
            yield cpu(rounds, f"HTTPS, TLS 1.3, {what} / {peer}{note}", Case(system, web=web), Case(peer, web=web), bar)
    for system, note, limit in of_both_builds(1.1):
        for web, what in ((TLS_FULL, "ECDSA"), (TLS_RSA, "RSA"), (TLS_CHAIN, "a chain of three")):
            yield cpu(rounds, f"HTTPS, TLS 1.3, no session is resumed, {what} / nginx{note}", Case(system, web=web), Case("nginx", web=web), None)
        for web, what in ((OLD_TLS, "kept connections"), (OLD_TLS_CLOSING, "the web server closes each time")):
            yield cpu(rounds, f"HTTPS, TLS 1.2, {what} / nginx{note}", Case(system, web=web), Case("nginx", web=web), limit)
    for version, web, systems in (("TLS 1.3", TLS_CLOSING, ("dialhook", "nginx", "haproxy")), ("TLS 1.2", OLD_TLS_CLOSING, ("dialhook", "nginx"))):
        for system in systems:
            shares = [sample.resumed * 100 for sample in rounds.of(Case(system, web=web))]
            yield Bar(f"resumed handshakes, {version}, {system}", shares, 99.9 if system == "dialhook" else None, " %", 2, at_least=True)


def slow_bars(rounds):
    for system, note, _ in of_both_builds(None):
        ours, theirs = Case(system, web=SLOW), Case("nginx", web=SLOW)
        yield cpu(rounds, f"64×1, the web server takes 20 ms / nginx{note}", ours, theirs, None)
        yield ratio(rounds, f"p50, the web server takes 20 ms / nginx{note}", ours, theirs, "p50_us", None)
    for system, limit in (("dialhook", 1.2), ("release", None), ("nginx", None)):
        once, twice = (Case(system, ONE, web) for web in (WRITES_ONCE, WRITES_TWICE))
        yield ratio(rounds, f"p50, the web server writes twice / once, {system}", twice, once, "p50_us", limit)


def cpu(rounds, what, ours: Case, theirs: Case, limit):
    return ratio(rounds, f"CPU per decision, {what}", ours, theirs, "cpu_us", limit)


def ratio(rounds, what, ours: Case, theirs: Case, field, limit):
    """Our figure divided by theirs of the same round."""
    pairs = [(samples[ours], samples[theirs]) for samples in rounds.samples if ours in samples and theirs in samples]
    disturbed = bool(pairs) and median(max(one.others for one in pair) for pair in pairs) > NOISE
    return Bar(what, [getattr(our, field) / getattr(their, field) for our, their in pairs], limit, disturbed=disturbed)


def cold_bars(cold):
    if cold is None:
        return
    for which in ("first", "resumed"):
        for client in CLIENTS:
            yield Bar(f"round trips of a {'cold' if which == 'first' else 'resumed'} request over TLS 1.3, {client}",
                      [getattr(cold[client], which)], 3 if client == "dialhook" else None, "", 0)


def hanging_bars(hanging):
    yield Bar(f"memory for each of {HUNG:,} calls that hang", [one.bytes_each / KIB for one in hanging], 6, " KiB", 1)
    yield Bar("of it given back afterwards", [one.given_back * 100 for one in hanging], 90, " %", 0, at_least=True)
    yield Bar(f"p99 of healthy calls while {HUNG:,} hang / without",
              [one.p99_beside_us / one.p99_without_us for one in hanging], 1.2)
    yield Bar(f"p99 of healthy calls while all {HUNG:,} time out / without",
              [one.p99_timing_out_us / one.p99_without_us for one in hanging], 1.5)
    yield Bar(f"of those answers later than `timeout` + {LATE * 1e3:g} ms", [one.late for one in hanging], 0, "", 0)


def scale_bars(scale):
    yield Bar(f"start to first answer, {FEW_WEBHOOKS} webhooks", [one.few.seconds * 1e3 for one in scale], 30, " ms", 1)
    yield Bar(f"start to first answer, {ALL_WEBHOOKS:,} webhooks", [one.all.seconds for one in scale], 0.5, " s")
    yield Bar(f"memory for each of {ALL_WEBHOOKS:,} webhooks", [one.bytes_each / KIB for one in scale], 1, " KiB")
    yield Bar(f"longest gap between answers during a reload of {ALL_WEBHOOKS:,} webhooks",
              [one.reload.longest_gap_ms for one in scale], 5, " ms", 1)
    yield Bar("the same in the second before the reload", [one.reload.gap_before_ms for one in scale], None, " ms", 1)


def include_bars(includes):
    for files, start, one, read in ((FEW_FILES, None, None, lambda each: each.few), (MANY_FILES, 2, 0.2, lambda each: each.many)):
        yield Bar(f"start to first answer, {files:,} included files", [read(each).start for each in includes], start, " s")
        yield Bar(f"reload after a change of one of {files:,} included files", [read(each).reload_one for each in includes], one, " s")
        yield Bar(f"reload after a change of the main file of {files:,}", [read(each).reload_all for each in includes], None, " s")
        yield Bar(f"memory for each of {files:,} webhooks in files of their own",
                  [read(each).bytes_each / KIB for each in includes], None, " KiB")


def event_bars(events):
    yield Bar("events stored, each batch with an fsync", [one.stored_per_s for one in events], 5_000, " a second", 0, at_least=True)
    yield Bar("from a report to its arrival, p50", [one.told_p50_ms for one in events], None, " ms", 1)
    yield Bar("from a report to its arrival, p99", [one.told_p99_ms for one in events], 100, " ms", 1)
    yield Bar(f"p99 of {CALLS:,} calls/s beside {RATE:,} events/s / without", [one.p99_beside_us / one.p99_without_us for one in events], 1.1)
    yield Bar(f"memory for each of {WAITING:,} events that wait", [one.waiting_bytes / KIB for one in events], None, " KiB")


def footprint_bars(footprint):
    if footprint is None:
        return
    yield Bar("instructions per decision, 64×1", [footprint.instructions], None, "", 0)
    yield Bar("instructions per decision, 64×1, release", [footprint.release_instructions], 26_000, "", 0)
    yield Bar("allocations per decision", [footprint.allocations], 14, "", 1)
    yield Bar("program without debug symbols", [footprint.stripped / MB], 4, " MB", 1)
    yield Bar(f"resident size idle, {FEW_WEBHOOKS} webhooks", [footprint.resident / MB], 12, " MB", 1)
    yield Bar("of it the daemon's own", [footprint.own / MB], None, " MB", 1)


def thread_bars(threads):
    yield Bar("two threads / one, decisions/s, on two cores shared with web server and generator",
              [one.two_per_s / one.one_per_s for one in threads])
