"""Results of a run become the tables of docs/performance.md."""

import platform
import subprocess
from datetime import date
from pathlib import Path
from statistics import median

from .bars import NOISE, Bar, all_bars
from .cases import PARTS

BEGIN = "<!-- scripts/bench writes from here -->\n"
END = "<!-- scripts/bench writes to here -->\n"


def tables(results, options) -> str:
    """Markdown."""
    blocks = [machine(options, results), bar_table(all_bars(results))]
    if results.rounds.samples:
        blocks += [case_table(results.rounds), counts(results.rounds)]
    return "\n\n".join(blocks) + "\n"


def bar_table(bars) -> str:
    return "\n".join(["| figure | measured | bar | |", "|---|---:|---:|---|", *map(bar_row, bars)])


def bar_row(bar: Bar) -> str:
    def number(value):
        return f"{value:,.{bar.digits}f}"

    measured = f"**{number(median(bar.values))}{bar.unit}**"
    if len(bar.values) > 1:
        measured += f" ({number(min(bar.values))}–{number(max(bar.values))})"
    limit = "" if bar.limit is None else f"{'≥' if bar.at_least else '≤'} {bar.limit:,g}{bar.unit}"
    return f"| {bar.what} | {measured} | {limit} | {bar.verdict} |"


def case_table(rounds) -> str:
    lines = ["| system | calls at once | decisions/s | CPU, µs a decision | p50, µs | p99, µs | longest, µs | core 0 | core 1 "
             "| generator + web server, µs |",
             "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
    lines += [case_row(case, rounds.of(case)) for cases in PARTS.values() for case in cases if rounds.of(case)]
    return "\n".join(lines)


def case_row(case, samples) -> str:
    def middle(field):
        return median(getattr(sample, field) for sample in samples)

    system, load, *more = case.name.split()
    return (f"| {system} | {' '.join([load.replace('x', '×'), *more])} | {middle('decisions_per_s'):,.0f} "
            f"| {middle('cpu_us'):.2f} | {middle('p50_us'):,.0f} | {middle('p99_us'):,.0f} "
            f"| {max(sample.max_us for sample in samples):,.0f} | {middle('busy'):.0%} | {middle('other_core'):.0%} "
            f"| {middle('generator_us'):.1f} + {middle('web_us'):.1f} |")


def counts(rounds) -> str:
    samples = rounds.all()
    calls = sum(sample.calls for sample in samples)
    noisy = sum(max(sample.others, sample.other_others) > NOISE for sample in samples)
    text = (f"All {calls:,} answers were checked and right, and the web server counted as many requests. Others took at "
            f"most {max(sample.others for sample in samples):.1%} of core 0 and "
            f"{max(sample.other_others for sample in samples):.1%} of core 1 in any window.")
    if noisy:
        text += (f" **The machine was not quiet: in {noisy} of {len(samples)} windows others took more than {NOISE:.0%} of "
                 "a core.**")
    return text


def machine(options, results) -> str:
    commit = output("git", "describe", "--always", "--dirty", "--exclude=*") or "no commit"
    nginx = output("nginx", "-v").rpartition("/")[2]
    haproxy = output("haproxy", "-v").split()[2]
    model, cores = processor()
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    rounds = len(results.rounds.samples)
    extent = f"{rounds} rounds of {options.seconds:g} s for each system and load, " if rounds else ""
    return (f"{date.today().isoformat()}, commit `{commit}`, {model}, {cores} cores, {system}, Linux {platform.release()}, "
            f"nginx {nginx}, haproxy {haproxy}; {extent}{options.repeats} repetitions of the rest.")


def output(*command) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent)
    return (ran.stdout + ran.stderr).strip() if ran.returncode == 0 else ""


def processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cores = sum(line.startswith("processor") for line in lines)
    return models[0] if models else platform.machine(), cores


def write(document: Path, text: str):
    """Puts `text` between the marks of `document`."""
    before, begin, rest = document.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has lost its marks")
    document.write_text(before + begin + "\n" + text + "\n" + end + after)
