"""When a soak fails."""
import unittest

import judgement
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


if __name__ == "__main__":
    unittest.main()
