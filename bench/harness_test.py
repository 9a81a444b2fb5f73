"""The parts of the harness that only calculate and write: figures against bars, tables, profiles."""

import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

from harness.bars import Bar, all_bars
from harness.callgrind import LINE
from harness.cases import Case
from harness.hanging import p99
from harness.measure import Sample
from harness.process import Failure
from harness.report import BEGIN, END, bar_row, write
from harness.results import Results
from harness.rounds import Rounds
from harness.scale import longest_gap

SAMPLE = Sample(calls=1000, decisions_per_s=50_000.0, cpu_us=10.0, p50_us=200.0, p99_us=900.0, max_us=5_000.0, busy=0.9,
                others=0.0, other_core=0.8, other_others=0.0, generator_us=4.0, web_us=6.0, resumed=0.0,
                quantiles=[[0.5, 200.0], [0.99, 900.0], [1.0, 5_000.0]])
OURS, NGINX = Case("dialhook"), Case("nginx")


def rounds(*pairs, others=0.0):
    """Rounds in which Dialhook and nginx used so much CPU for a decision."""
    result = Rounds()
    result.samples = [{OURS: replace(SAMPLE, cpu_us=ours, others=others), NGINX: replace(SAMPLE, cpu_us=theirs)}
                      for ours, theirs in pairs]
    return result


class Bars(unittest.TestCase):
    def beside_nginx(self, measured):
        return next(bar for bar in all_bars(Results(rounds=measured)) if bar.limit == 0.8)

    def test_a_ratio_is_taken_within_each_round(self):
        bar = self.beside_nginx(rounds((8, 10), (9, 10), (14, 20)))
        self.assertEqual(bar.values, [0.8, 0.9, 0.7])
        self.assertEqual(bar.verdict, "reached")

    def test_what_misses_the_bar_says_so(self):
        self.assertEqual(self.beside_nginx(rounds((9, 10))).verdict, "missed")

    def test_a_disturbed_machine_is_not_judged(self):
        self.assertEqual(self.beside_nginx(rounds((8, 10), others=0.03)).verdict, "not judged")

    def test_parts_that_were_not_measured_have_no_bars(self):
        self.assertEqual(all_bars(Results()), [])

    def test_a_bar_from_below(self):
        self.assertEqual(Bar("resumed", [98.9], 99, at_least=True).verdict, "missed")
        self.assertEqual(Bar("resumed", [99.0], 99, at_least=True).verdict, "reached")

    def test_rows(self):
        self.assertEqual(bar_row(Bar("memory", [5.25, 6.5, 5.5], 6, " KiB", 1)),
                         "| memory | **5.5 KiB** (5.2–6.5) | ≤ 6 KiB | reached |")
        self.assertEqual(bar_row(Bar("threads", [1.5])), "| threads | **1.50** |  | reported |")


class Times(unittest.TestCase):
    def test_p99_of_the_calls_under_way_in_a_window(self):
        calls = [(start, 1_000) for start in range(0, 99_000, 1_000)] + [(99_000, 50_000)]
        self.assertEqual(p99(calls, 0, 99_000), 1.0)        # µs: the slow one came later
        self.assertEqual(p99(calls, 120_000, 130_000), 50)  # only the slow one was still under way

    def test_a_window_without_calls_is_no_figure(self):
        with self.assertRaises(Failure):
            p99([(0, 10)], 100, 200)

    def test_a_gap_counts_when_it_touches_the_window(self):
        ms = 1_000_000
        answered = [1 * ms, 2 * ms, 9 * ms, 10 * ms, 30 * ms]
        self.assertEqual(longest_gap(answered, 3 * ms, 5 * ms), 7)
        self.assertEqual(longest_gap(answered, 9 * ms + 1, 10 * ms - 1), 1)


class Document(unittest.TestCase):
    def test_only_what_stands_between_the_marks_is_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.md"
            page.write_text(f"before\n{BEGIN}old\n{END}after\n")
            write(page, "new\n")
            self.assertEqual(page.read_text(), f"before\n{BEGIN}\nnew\n\n{END}after\n")

    def test_a_page_without_marks_is_left_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.md"
            page.write_text("nothing to see\n")
            with self.assertRaises(ValueError):
                write(page, "new\n")


class Profile(unittest.TestCase):
    def test_lines_of_callgrind_annotate(self):
        found = LINE.match("1,234 ( 5.67%)  ./src/a.cpp:ns::f(std::string const&) [/usr/bin/dialhookd]")
        self.assertEqual(found.groups(), ("1,234", "./src/a.cpp", "ns::f(std::string const&)"))
        self.assertIsNone(LINE.match("1,234 (100.0%)  PROGRAM TOTALS"))


if __name__ == "__main__":
    unittest.main()
