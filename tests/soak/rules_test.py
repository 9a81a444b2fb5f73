"""When a soak fails, and what its picture holds."""
import unittest
import xml.etree.ElementTree

import judgement
import plot
from judgement import MIB

GOOD = {"memory": [20 * MIB] * 40, "descriptors_before": 14, "descriptors_after": 14, "problems": [], "unsent": set(), "untold": set(),
        "answered": 1000, "restarts": 3}


def rising(*quarters):
    return [size * MIB for size in quarters for _ in range(10)]


class Judgement(unittest.TestCase):
    def test_a_good_run_has_no_faults(self):
        for name, memory in {"flat": rising(20, 20, 20, 20), "warming up": rising(5, 20, 20, 20), "shrinking": rising(20, 30, 25, 20),
                             "noise": rising(20, 20, 25, 22), "a peak": rising(20, 20, 20, 20)[:-1] + [90 * MIB]}.items():
            with self.subTest(name):
                self.assertEqual(judgement.faults(**{**GOOD, "memory": memory}), [])

    def test_what_is_wrong_is_said(self):
        cases = {"memory is not flat: 20.0 MiB in the second quarter, 23.0 MiB": {"memory": rising(20, 20, 22, 23)},
                 "too few samples": {"memory": [20 * MIB] * 7}, "descriptors: 14 before, 15 after": {"descriptors_after": 15},
                 "2 background requests never went out: ['a', 'b']": {"unsent": {"a", "b"}},
                 "the end of 2 calls was not told: ['a', 'b']": {"untold": {"a", "b"}}, "no call was answered": {"answered": 0},
                 "there was no restart": {"restarts": 0}, "a call was lost": {"problems": ["a call was lost"]}}
        for words, changed in cases.items():
            with self.subTest(words):
                (fault,) = judgement.faults(**{**GOOD, **changed})
                self.assertIn(words, fault)


class Picture(unittest.TestCase):
    def drawn(self, curve):
        panel = plot.Panel("Memory <MiB>", {"steady": curve})
        root = xml.etree.ElementTree.fromstring(plot.picture("a & b", [panel], [5], "a restart"))
        return root, root.find("{http://www.w3.org/2000/svg}path").get("d")

    def test_it_is_well_formed_and_names_what_it_shows(self):
        root, _ = self.drawn([(0, 1), (10, 2)])
        words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
        for expected in ("a & b", "Memory <MiB>", "\u2014 steady", "seconds; dashed: a restart"):
            self.assertIn(expected, words)

    def test_a_gap_interrupts_the_line(self):
        _, line = self.drawn([(0, 1), (1, 1), (2, None), (3, 1), (4, 1)])
        self.assertEqual([step[0] for step in line.split() if step[0].isalpha()], ["M", "L", "M", "L"])

    def test_curves_without_values_are_empty(self):
        for curve in ([], [(0, None)], [(0, 0)]):
            with self.subTest(curve):
                _, line = self.drawn(curve)
                self.assertNotIn("nan", line)

    def test_a_long_curve_is_thinned_and_keeps_its_peaks(self):
        curve = [(at, 1) for at in range(10_000)]
        curve[4321] = (4321, 99)
        thin = plot.thinned(curve)
        self.assertLessEqual(len(thin), 2 * plot.MOST_POINTS)
        self.assertIn((4321, 99), thin)

    def test_ticks_are_round(self):
        self.assertEqual(plot.ticks(10, 4), [0, 5, 10])
        self.assertEqual(plot.ticks(3600, 8), [0, 500, 1000, 1500, 2000, 2500, 3000, 3500])


if __name__ == "__main__":
    unittest.main()
