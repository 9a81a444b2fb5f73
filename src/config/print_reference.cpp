#include "config/manual_page.hpp"
#include "config/schema.hpp"

#include <cstdlib>
#include <iostream>
#include <string_view>

/// Prints what scripts/generate writes into the tree; not installed.
int main(int argc, char** argv)
{
    using namespace dialhook::config;

    const std::string_view wanted = argc == 2 ? argv[1] : "";
    if (wanted == "schema")
        std::cout << json_schema();
    else if (wanted == "manual-page")
        std::cout << manual_page();
    else
        return EXIT_FAILURE;
    return std::cout.flush() ? EXIT_SUCCESS : EXIT_FAILURE;
}
