#include "api/rpc/outbox.hpp"

namespace dialhook::rpc {
namespace {

constexpr std::size_t kept_capacity = 64 * 1024;

} // namespace

void Outbox::finish(const Batch& batch)
{
    held_ -= batch.answers.size();
    if (batch.answers.empty())
        return; // notifications alone
    text_ += '[';
    text_ += batch.answers;
    text_ += "]\n";
}

void Outbox::trim()
{
    if (sent_ == text_.size()) {
        text_.clear();
        sent_ = 0;
        if (text_.capacity() > kept_capacity)
            text_.shrink_to_fit();
    } else if (sent_ > kept_capacity) {
        text_.erase(0, std::exchange(sent_, 0));
    }
}

} // namespace dialhook::rpc
