"""Our E.164 held against libphonenumber (python3-phonenumbers has its data): where a number is brought to E.164, both agree."""

import os
import random
import subprocess
import sys
import unittest

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's module, whichever interpreter runs the tests
import phonenumbers  # noqa: E402
from phonenumbers import PhoneNumberFormat, PhoneNumberType  # noqa: E402

TOOL = os.path.join(os.environ["DIALHOOK_TEST_TOOLS"], "print-e164")

# Region: what is dialled before a national number, and for the + of an international one.
REGIONS = {"NL": ("0", "00"), "BE": ("0", "00"), "DE": ("0", "00"), "IT": ("", "00"), "ES": ("", "00"), "DK": ("", "00"),
           "US": ("1", "011"), "ZA": ("0", "00"), "GB": ("0", "00"), "FR": ("0", "00"), "AT": ("0", "00"), "CH": ("0", "00"),
           "SE": ("0", "00"), "NO": ("", "00"), "PL": ("", "00"), "PT": ("", "00"), "IE": ("0", "00"), "CZ": ("", "00"),
           "AU": ("0", "0011"), "TR": ("0", "00"), "HU": ("06", "00"), "GR": ("", "00")}

TYPES = [kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN]


def ours(questions):
    """What `Numbers::e164` makes of each (country, trunk, international, number); None: it is not certain."""
    lines = "".join(f"{country} {trunk or '-'} {international or '-'} {number}\n"
                    for country, trunk, international, number in questions)
    answers = subprocess.run([TOOL], input=lines, capture_output=True, text=True, check=True, timeout=60).stdout
    return [None if answer == "-" else answer for answer in answers.splitlines()]


def numbers_of(region, count):
    """Valid numbers of a region: its examples, and the same with other digits at their end."""
    digits = random.Random(region)
    for kind in TYPES:
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        e164 = phonenumbers.format_number(example, PhoneNumberFormat.E164)
        yield e164
        for _ in range(count):
            other = e164[:-4] + f"{digits.randrange(10_000):04d}"
            if phonenumbers.is_valid_number_for_region(phonenumbers.parse(other), region):
                yield other


class PhoneNumbersTest(unittest.TestCase):
    def compare(self, region, trunk, international, written, expected):
        """`written` and `expected` are as long. Returns how many were brought to E.164."""
        country = phonenumbers.country_code_for_region(region)
        answers = ours([(country, trunk, international, number) for number in written])
        self.assertEqual(len(answers), len(written))
        for number, answer, right in zip(written, answers, expected):
            if answer is not None:
                self.assertEqual(answer, right, f"{number} in {region}")
        return sum(answer is not None for answer in answers)

    def test_as_people_write_and_dial_them(self):
        for region, (trunk, international) in REGIONS.items():
            with self.subTest(region):
                written, expected = [], []
                for e164 in numbers_of(region, 12):
                    number = phonenumbers.parse(e164)
                    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
                    forms = [e164, e164[1:], international + e164[1:], national, "".join(filter(str.isdigit, national)),
                             phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
                             phonenumbers.format_number(number, PhoneNumberFormat.RFC3966)]
                    if trunk:  # digits alone are no national number there; where nothing is dialled before one, they are
                        forms += [trunk + phonenumbers.national_significant_number(number)]
                    else:
                        forms.remove(e164[1:])
                    written += forms
                    expected += [e164] * len(forms)
                known = self.compare(region, trunk, international, written, expected)
                self.assertGreater(known, len(written) / 2, f"{region}: hardly a number is brought to E.164")

    def test_numbers_of_elsewhere(self):
        for region, (trunk, international) in REGIONS.items():
            with self.subTest(region):
                foreign = [e164 for other in REGIONS if other != region for e164 in numbers_of(other, 0)]
                written = [international + e164[1:] for e164 in foreign]
                self.assertEqual(self.compare(region, trunk, international, written, foreign), len(written))

    def test_digits_at_random(self):
        """Of what is dialled here, whatever it is: where both know the number, it is the same."""
        digits = random.Random(20)
        for region, (trunk, international) in REGIONS.items():
            with self.subTest(region):
                written, expected = [], []
                for _ in range(800):
                    text = digits.choice(["", trunk, trunk]) + "".join(digits.choices("0123456789", k=digits.randrange(3, 13)))
                    if text.startswith(international):
                        continue  # digits at random after it are hardly ever a number of another country
                    try:
                        number = phonenumbers.parse(text, region, keep_raw_input=True)
                    except phonenumbers.NumberParseException:
                        continue
                    source = number.country_code_source
                    # Digits that only make sense with a country code at their start are not how a number is dialled.
                    guessed = source == phonenumbers.CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN
                    if phonenumbers.is_valid_number(number) and not guessed:
                        written.append(text)
                        expected.append(phonenumbers.format_number(number, PhoneNumberFormat.E164))
                self.assertGreater(len(written), 3, f"{region}: hardly a valid number among those at random")
                self.compare(region, trunk, international, written, expected)

    def test_where_the_default_trunk_is_another_number(self):
        """The countries for which the configuration asks for `trunk` are those where 0 would make other numbers."""
        needing = set()
        for region in phonenumbers.SUPPORTED_REGIONS:
            country = phonenumbers.country_code_for_region(region)
            e164 = list(numbers_of(region, 3))
            national = ["".join(filter(str.isdigit, phonenumbers.format_number(phonenumbers.parse(number),
                                                                               PhoneNumberFormat.NATIONAL)))
                        for number in e164]
            answers = ours([(country, "0", "00", number) for number in national])
            if any(answer not in (None, right) for answer, right in zip(answers, e164)):
                needing.add(country)
        needing.discard(54)  # Argentina's trunk is 0, but of its mobile numbers a 15 and a 9 are not dialled and dialled
        self.assertEqual(needing, {36, 39, 225, 227, 241, 242, 267, 268, 378, 501, 679})


if __name__ == "__main__":
    unittest.main()
