#include "base/pace.hpp"

#include <thread>

namespace dialhook {

thread_local Pace* Pace::of_this_thread = nullptr;

Pace::Pace()
{
    of_this_thread = this;
}

Pace::~Pace()
{
    of_this_thread = nullptr;
}

void Pace::between_pieces()
{
    Pace* const pace = of_this_thread;
    if (pace == nullptr || Clock::now() < pace->slice_ends_)
        return;
    std::this_thread::sleep_for(pause);
    pace->slice_ends_ = Clock::now() + slice;
}

} // namespace dialhook
