#include "spool/spool.hpp"

#include "base/all_signals_blocked.hpp"
#include "spool/keeper.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace dialhook::spool {
namespace {

/// A disk that keeps up has a few waiting; one that hangs must not take all memory.
constexpr std::size_t max_reports = 20'000;

bool has_notifications(const Settings& settings)
{
    return settings.notifications && !settings.notifications->empty();
}

} // namespace

class Spool::Impl
{
public:
    using Task = std::function<void()>;

    Impl(Settings settings, log::Log& log)
        : has_notifications_(has_notifications(settings))
        , keeper_(std::move(settings), log)
    {
        const AllSignalsBlocked during_start;
        thread_ = std::thread([this] { run(); });
    }
    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void start(Carrier& carrier)
    {
        hand_over([&] { before_.emplace_back([this, &carrier] { keeper_.carry_to(carrier); }); });
    }

    void configure(Settings settings)
    {
        has_notifications_ = has_notifications(settings);
        hand_over(
            [&] { before_.emplace_back([this, settings = std::move(settings)] { keeper_.configure(settings); }); });
    }

    void report(events::Report report, StoredFunction done)
    {
        // Every call asks for its route: without a notification that is no reason to write.
        if (report.is_implied && !has_notifications_) {
            if (done)
                done(Stored::stored, {});
            return;
        }
        const char* refusal = nullptr;
        hand_over([&] {
            if (is_stopping_)
                refusal = "the daemon is stopping";
            else if (batch_.reports.size() >= max_reports)
                refusal = "the disk of the spool does not keep up: too many reports wait for it";
            else
                batch_.reports.push_back({std::move(report), std::move(done)});
        });
        if (refusal != nullptr && done)
            done(Stored::failed, refusal);
    }

    void send_later(const WebhookName& webhook, const Call& call)
    {
        hand_over([&] { batch_.later.push_back({webhook, call}); });
    }

    void conclude(std::int64_t parcel, Attempted attempted)
    {
        hand_over([&] { batch_.concluded.push_back({parcel, std::move(attempted)}); });
    }

    Counts counts() const { return keeper_.counts(); }

    void deliveries(DeliveriesWanted wanted, const std::function<void(std::vector<Delivery>)>& done)
    {
        if (!ask([this, wanted = std::move(wanted), done] { done(keeper_.deliveries(wanted)); }))
            done({});
    }

    void replay(std::int64_t delivery, const std::function<void(Replayed)>& done)
    {
        if (!ask([this, delivery, done] { done(keeper_.replay(delivery)); }))
            done(Replayed::unknown);
    }

    void settle(Task done) { ask(std::move(done)); }

    void stop()
    {
        hand_over([&] { is_stopping_ = true; });
        if (thread_.joinable())
            thread_.join();
    }

private:
    struct Work
    {
        std::vector<Task> before;
        SpoolBatch batch;
        std::vector<Task> after;
        bool is_last;
    };

    template <typename Change>
    void hand_over(Change change)
    {
        {
            const std::lock_guard lock(mutex_);
            change();
            has_work_ = true;
        }
        wake_.notify_one();
    }

    /// Returns false after the end: nobody will answer.
    bool ask(Task task)
    {
        bool is_asked = false;
        hand_over([&] {
            is_asked = !is_stopping_;
            if (is_asked)
                after_.push_back(std::move(task));
        });
        return is_asked;
    }

    void run()
    {
        keeper_.open();
        for (;;) {
            const Work work = next();
            for (const Task& task : work.before)
                task();
            if (work.is_last)
                keeper_.finish(work.batch);
            else
                keeper_.work(work.batch);
            for (const Task& task : work.after)
                task();
            if (work.is_last)
                return;
        }
    }

    Work next()
    {
        const auto wake_at = keeper_.wake_at();
        std::unique_lock lock(mutex_);
        // Not `wait_until` with time_point::max(): it would be taken for a moment long past.
        const auto longest = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        wake_.wait_until(lock, std::min(wake_at, longest), [&] { return has_work_; });
        has_work_ = false;
        return {std::exchange(before_, {}), std::exchange(batch_, {}), std::exchange(after_, {}), is_stopping_};
    }

    std::atomic<bool> has_notifications_;
    Keeper keeper_;

    std::mutex mutex_; ///< of what follows
    std::condition_variable wake_;
    std::vector<Task> before_; ///< to be done before what is in the batch
    SpoolBatch batch_;
    std::vector<Task> after_; ///< and after it
    bool has_work_ = false;
    bool is_stopping_ = false;

    std::thread thread_;
};

Spool::Spool(Settings settings, log::Log& log)
    : impl_(std::make_unique<Impl>(std::move(settings), log))
{
}

Spool::~Spool() = default;

void Spool::start(Carrier& carrier)
{
    impl_->start(carrier);
}

void Spool::configure(Settings settings)
{
    impl_->configure(std::move(settings));
}

void Spool::report(events::Report report, StoredFunction done)
{
    impl_->report(std::move(report), std::move(done));
}

void Spool::send_later(const WebhookName& webhook, const Call& call)
{
    impl_->send_later(webhook, call);
}

void Spool::conclude(std::int64_t parcel, Attempted attempted)
{
    impl_->conclude(parcel, std::move(attempted));
}

Counts Spool::counts() const
{
    return impl_->counts();
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): who asks hands it over
void Spool::deliveries(DeliveriesWanted wanted, std::function<void(std::vector<Delivery>)> done)
{
    impl_->deliveries(std::move(wanted), done);
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): who asks hands it over
void Spool::replay(std::int64_t delivery, std::function<void(Replayed)> done)
{
    impl_->replay(delivery, done);
}

void Spool::settle(std::function<void()> done)
{
    impl_->settle(std::move(done));
}

void Spool::stop()
{
    impl_->stop();
}

} // namespace dialhook::spool
