#include "dispatch/last_failure.hpp"

#include "base/text.hpp"

namespace dialhook::dispatch {
namespace {

constexpr std::size_t max_detail = 160;

} // namespace

Answered Answered::of(const WebhookMetrics& webhook_metrics)
{
    Answered all;
    webhook_metrics.each([&all](const WebhookThreadMetrics& metrics) {
        all.successes += metrics.successes.value();
        for (std::size_t reason = 0; reason < reason_count; ++reason)
            (is_fault(static_cast<Reason>(reason)) ? all.faults : all.declined) += metrics.failures[reason].value();
    });
    return all;
}

LastFailureOf::~LastFailureOf()
{
    delete kept_.load();
}

LastFailureOf::Kept& LastFailureOf::kept()
{
    if (Kept* const kept = kept_.load(std::memory_order_acquire))
        return *kept;
    auto made = std::make_unique<Kept>();
    Kept* nobodys = nullptr; // another thread may be as far as this one
    if (kept_.compare_exchange_strong(nobodys, made.get(), std::memory_order_acq_rel))
        return *made.release();
    return *nobodys;
}

void LastFailureOf::take(const Decision& failed, const WebhookMetrics& webhook_metrics)
{
    const Reason reason = *failed.reason();
    if (!is_fault(reason))
        return;
    const auto now = std::chrono::system_clock::now();
    const std::uint64_t answers = Answered::of(webhook_metrics).answers();
    Kept& kept = this->kept();
    const std::scoped_lock lock(kept.mutex);
    LastFailure& last = kept.failure;
    last.in_a_row = answers == kept.answers_before ? last.in_a_row + 1 : 1;
    kept.answers_before = answers;
    last.at = now;
    if (reason == Reason::circuit_open)
        return;
    last.cause = reason;
    last.cause_at = now;
    last.http_status = failed.http_status;
    last.detail = text::first_bytes(failed.detail, max_detail);
}

std::optional<LastFailure> LastFailureOf::read(const WebhookMetrics& webhook_metrics) const
{
    Kept* const kept = kept_.load(std::memory_order_acquire);
    if (kept == nullptr)
        return std::nullopt;
    const std::uint64_t answers = Answered::of(webhook_metrics).answers();
    const std::scoped_lock lock(kept->mutex);
    LastFailure last = kept->failure;
    if (answers != kept->answers_before)
        last.in_a_row = 0;
    return last;
}

std::string LastFailureOf::cause() const
{
    Kept* const kept = kept_.load(std::memory_order_acquire);
    if (kept == nullptr)
        return {};
    const std::scoped_lock lock(kept->mutex);
    if (!kept->failure.cause)
        return {};
    std::string text = "; the last one was ";
    text += to_string(*kept->failure.cause);
    if (!kept->failure.detail.empty())
        text += ": " + kept->failure.detail;
    return text;
}

} // namespace dialhook::dispatch
