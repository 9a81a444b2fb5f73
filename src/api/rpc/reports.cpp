#include "api/rpc/reports.hpp"

#include "api/rpc/rpc_session.hpp"

#include <utility>

namespace dialhook::rpc {

void Reports::take(events::Report report, std::string id, std::shared_ptr<Batch> batch)
{
    if (waiting_.size() == max_reports) // a disk that hangs
        return session_.answer_fault(
            id, api::not_stored("16384 events of this engine wait for the disk already", api::about(report)),
            batch.get());
    const std::uint64_t number = ++last_number_;
    held_ += id.size();
    waiting_.emplace(number, Waiting{std::move(id), std::move(batch)});
    // The engine may be gone by then, and its session too.
    services_.report(std::move(report),
                     [session = session_.weak_from_this(), number](spool::Stored stored, const std::string& why) {
                         if (const auto alive = session.lock())
                             alive->reports_.answer(number, stored, why);
                     });
}

void Reports::answer(std::uint64_t number, spool::Stored stored, const std::string& why)
{
    const Waiting answered = std::move(waiting_.extract(number).mapped());
    held_ -= answered.id.size();
    session_.answer_report(answered.id, stored, why, answered.batch.get());
    session_.progressed();
}

} // namespace dialhook::rpc
