"""Samples of all rounds become the tables of docs/performance.md."""

import platform
import subprocess
from datetime import date
from pathlib import Path
from statistics import median

from .measure import BESIDE, PLAN

BEGIN = "<!-- scripts/bench writes from here -->\n"
END = "<!-- scripts/bench writes to here -->\n"

GOALS = {"1x1": 1.1, "64x1": 0.85, "8x8": 0.65}  # CPU of Dialhook / CPU of nginx
NOISE = 0.02  # share of a core that others may take in a window that still counts as quiet


def tables(rounds, options) -> str:
    """Markdown for `rounds`: a list of {(system, load): Sample}."""
    return "\n".join([machine(options, rounds), "", absolute(rounds), "", *ratios(rounds), counts(rounds), ""])


def absolute(rounds) -> str:
    lines = ["| calls at once | system | decisions/s | CPU, µs a decision | p50, µs | p99, µs | longest, µs | core 0 | core 1 "
             "| generator + web server, µs |",
             "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for load in BESIDE:
        for name in PLAN:
            samples = of(rounds, name, load)
            if samples:
                lines.append(row(load, name, samples))
    return "\n".join(lines)


def row(load, name, samples) -> str:
    def middle(field):
        return median(getattr(sample, field) for sample in samples)

    return (f"| {load.name.replace('x', '×')} | {name} | {middle('decisions_per_s'):,.0f} | {middle('cpu_us'):.2f} "
            f"| {middle('p50_us'):,.0f} | {middle('p99_us'):,.0f} | {max(sample.max_us for sample in samples):,.0f} "
            f"| {middle('busy'):.0%} | {middle('other_core'):.0%} "
            f"| {middle('generator_us'):.1f} + {middle('web_us'):.1f} |")


def ratios(rounds) -> list:
    """Dialhook's figure divided by nginx's of the same round: the median, and the least and greatest of all rounds."""
    rows = []
    for load, beside in BESIDE.items():
        pairs = [(samples["dialhook", load], samples["nginx", beside]) for samples in rounds
                 if ("dialhook", load) in samples and ("nginx", beside) in samples]
        if not pairs:
            continue
        cells = [spread([getattr(ours, field) / getattr(theirs, field) for ours, theirs in pairs])
                 for field in ("cpu_us", "decisions_per_s", "p50_us", "p99_us")]
        cells.insert(1, goal(load, pairs))
        rows.append(f"| {load.name} / {beside.name} | ".replace("x", "×") + " | ".join(cells) + " |")
    if not rows:
        return []
    return ["| Dialhook / nginx | CPU | goal | decisions/s | p50 | p99 |", "|---|---:|---:|---:|---:|---:|", *rows, ""]


def goal(load, pairs) -> str:
    bar = f"≤ {GOALS[load.name]:.2f}"
    if median(max(ours.others, theirs.others) for ours, theirs in pairs) > NOISE:
        return f"{bar}, not judged"
    reached = median(ours.cpu_us / theirs.cpu_us for ours, theirs in pairs) <= GOALS[load.name]
    return f"{bar}, {'reached' if reached else 'missed'}"


def spread(values) -> str:
    return f"**{median(values):.2f}** ({min(values):.2f}–{max(values):.2f})"


def counts(rounds) -> str:
    samples = [sample for one in rounds for sample in one.values()]
    calls = sum(sample.calls for sample in samples)
    noisy = sum(max(sample.others, sample.other_others) > NOISE for sample in samples)
    text = (f"All {calls:,} answers were checked and right, and the web server counted as many requests. Others took at "
            f"most {max(sample.others for sample in samples):.1%} of core 0 and "
            f"{max(sample.other_others for sample in samples):.1%} of core 1 in any window.")
    if noisy:
        text += (f" **The machine was not quiet: in {noisy} of {len(samples)} windows others took more than {NOISE:.0%} of "
                 "a core.**")
    return text


def machine(options, rounds) -> str:
    nginx = subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr.strip().rpartition("/")[2]
    commit = subprocess.run(["git", "describe", "--always", "--dirty", "--exclude=*"], capture_output=True, text=True,
                            cwd=Path(__file__).parent).stdout.strip() or "no commit"
    model, cores = processor()
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    return (f"{date.today().isoformat()}, commit `{commit}`, {model}, {cores} cores, {system}, Linux {platform.release()}, "
            f"nginx {nginx}; {len(rounds)} rounds of {options.seconds:g} s for each figure.")


def processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cores = sum(line.startswith("processor") for line in lines)
    return models[0] if models else platform.machine(), cores


def of(rounds, name, load) -> list:
    return [samples[name, load] for samples in rounds if (name, load) in samples]


def write(document: Path, text: str):
    """Puts `text` between the marks of `document`."""
    before, begin, rest = document.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has lost its marks")
    document.write_text(before + begin + "\n" + text + "\n" + end + after)
