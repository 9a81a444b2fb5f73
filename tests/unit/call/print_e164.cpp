#include "call/numbers.hpp"

#include <iostream>
#include <sstream>
#include <string>

/// For phone_numbers_test.py: reads lines `COUNTRY TRUNK INTERNATIONAL NUMBER`, `-` for an empty prefix, and answers
/// each with the number in E.164, or `-`.
int main()
{
    const auto text = [](const std::string& word) { return word == "-" ? std::string() : word; };
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string country;
        std::string trunk;
        std::string international;
        std::string number;
        words >> country >> trunk >> international >> std::ws;
        std::getline(words, number);
        const dialhook::Numbers numbers{text(country), text(trunk), text(international)};
        std::cout << numbers.e164(number).value_or("-") << '\n';
    }
    return 0;
}
