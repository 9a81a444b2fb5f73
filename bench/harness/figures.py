"""The plots of docs/performance.md."""

from pathlib import Path
from statistics import median

from .cases import PIPELINED, Case
from .hanging import HUNG
from .svg import Axis, Line, bar_plot, line_plot, nice_ticks

BAR_OF_A_CALL = 6 * 1024  # bytes that a hung call may hold
MIB = 1 << 20

# Shares of the calls, spread so that the slow ones have room: at 0.99 as far from 0.9 as that from 0.
SHARES = [(0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %")]
MICROSECONDS = [(power * 10 ** exponent, f"{power * 10 ** exponent:,}") for exponent in range(1, 7) for power in (1, 2, 5)]


def write_figures(results, folder: Path):
    folder.mkdir(exist_ok=True)
    if results.rounds.of(Case("dialhook")):
        (folder / "cpu.svg").write_text(cpu(results.rounds))
    if results.rounds.of(Case("dialhook", open=True)):
        (folder / "latency.svg").write_text(latency(results.rounds))
    if results.hanging:
        (folder / "hanging.svg").write_text(hanging(results.hanging))


def cpu(rounds) -> str:
    cases = {"floor, no work": Case("floor"), "dialhook, 8×8": Case("dialhook", PIPELINED), "haproxy, no log": Case("haproxy"),
             "dialhook": Case("dialhook"), "nginx": Case("nginx")}
    bars = [(name, median(sample.cpu_us for sample in rounds.of(case))) for name, case in cases.items() if rounds.of(case)]
    return bar_plot("CPU for each decision, 64 calls at once", bars, "µs", strong="dialhook")


def latency(rounds) -> str:
    lines = [Line(system, quantiles(rounds.of(Case(system, open=True)))) for system in ("dialhook", "nginx")]
    times = [time for line in lines for _, time in line.points]
    ticks = [tick for tick in MICROSECONDS if min(times) / 2.5 <= tick[0] <= max(times) * 2.5]
    return line_plot(f"How long calls take at {rounds.rate:,.0f} a second",
                     Axis("share of the calls that took no longer", [(odds(share), name) for share, name in SHARES], True),
                     Axis("µs", ticks, True), lines)


def quantiles(samples):
    """[(x, µs)], for each share of the calls the median of the rounds."""
    return [(odds(share), median(sample.quantiles[number][1] for sample in samples))
            for number, (share, _) in enumerate(samples[0].quantiles) if 0.5 <= share < 1]


def odds(share):
    return 1 / (1 - share)


def hanging(results) -> str:
    steps = [calls for calls, _ in results[0].memory]
    held = [median(one.memory[number][1] - one.memory[0][1] for one in results) for number in range(len(steps))]
    allowed = [calls * BAR_OF_A_CALL for calls in steps]
    return line_plot("Memory that calls hold while their web server hangs",
                     Axis("calls that hang", nice_ticks(HUNG)),
                     Axis("MiB", nice_ticks(max(held + allowed), MIB)),
                     [Line("dialhook", list(zip(steps, held))),
                      Line("the bar, 6 KiB each", list(zip(steps, allowed)), dashed=True)])
