#include "ctl/commands.hpp"

#include <iostream>

int main(int argc, char** argv)
{
    return dialhook::ctl::run({argv + 1, argv + argc}, std::cout, std::cerr);
}
