#pragma once

#include "events/words.hpp"
#include "log/log.hpp"
#include "spool/spool.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dialhook::spool {

using namespace std::chrono_literals;

/// Far longer than anything takes; reached only when a test fails.
inline constexpr auto patience = 60s;

class TemporaryFolder
{
public:
    TemporaryFolder()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "dialhook-spool-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Takes parcels and hands them to the test.
class Hands final : public Carrier
{
public:
    void carry(Parcel parcel) override
    {
        const std::lock_guard lock(mutex_);
        parcels_.push_back(std::move(parcel));
        came_.notify_all();
    }

    /// The next parcel, in the order in which they came.
    Parcel next()
    {
        std::unique_lock lock(mutex_);
        if (!came_.wait_for(lock, patience, [&] { return !parcels_.empty(); }))
            throw std::runtime_error("no parcel came");
        Parcel parcel = std::move(parcels_.front());
        parcels_.erase(parcels_.begin());
        return parcel;
    }

    std::vector<Parcel> next(std::size_t count)
    {
        std::vector<Parcel> parcels;
        while (parcels.size() < count)
            parcels.push_back(next());
        return parcels;
    }

    std::size_t waiting() const
    {
        const std::lock_guard lock(mutex_);
        return parcels_.size();
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable came_;
    std::vector<Parcel> parcels_;
};

inline Attempted delivered()
{
    return {Attempted::Outcome::delivered, 200, {}, {}};
}

inline Attempted failed(std::optional<int> status = {}, std::string detail = "connection refused")
{
    return {Attempted::Outcome::failed, status, {}, std::move(detail)};
}

inline events::Notification notification(std::string_view name, std::string_view url)
{
    return {.name = *WebhookName::from(name), .urls = {*UrlTemplate::parse(url)}};
}

inline std::shared_ptr<const events::Notifications> notifications(events::Notifications all)
{
    return std::make_shared<const events::Notifications>(std::move(all));
}

inline events::Report report(std::string_view call_id, events::Kind kind, events::Facts facts = {})
{
    return {*events::CallId::from(call_id), kind, std::nullopt, std::move(facts), false};
}

/// `call-1 created 1`
inline std::string shown(const Parcel& parcel)
{
    const auto* event = std::get_if<events::CallEvent>(&parcel.content);
    if (event == nullptr)
        return "webhook " + parcel.target.name;
    return event->call_id.str() + " " + std::string(to_string(event->kind)) + " " + std::to_string(event->seq);
}

inline std::vector<std::string> shown(const std::vector<Parcel>& parcels)
{
    std::vector<std::string> all;
    for (const Parcel& parcel : parcels)
        all.push_back(shown(parcel));
    return all;
}

/// A spool on a real file, and what it logs.
class SpoolTest : public testing::Test
{
protected:
    SpoolTest()
    {
        settings.file = folder.path() / "spool.db";
        settings.notifications = notifications({notification("crm", "http://crm.lan/calls")});
    }
    ~SpoolTest() override
    {
        spool.reset();
        ::close(log_file);
    }

    void open()
    {
        spool.reset(); // the old one first: it has the file
        spool.emplace(settings, log);
    }
    void open_and_start()
    {
        open();
        spool->start(hands);
    }

    /// Kills nothing: what is under way stays so, as far as the file goes.
    void restart() { open_and_start(); }

    std::pair<Stored, std::string> say(const events::Report& said)
    {
        std::promise<std::pair<Stored, std::string>> answer;
        spool->report(said, [&](Stored stored, std::string why) { answer.set_value({stored, std::move(why)}); });
        return waited_for(answer);
    }
    Stored say(std::string_view call_id, events::Kind kind, events::Facts facts = {})
    {
        return say(report(call_id, kind, std::move(facts))).first;
    }

    std::vector<Delivery> deliveries(const DeliveriesWanted& wanted = {})
    {
        std::promise<std::vector<Delivery>> answer;
        spool->deliveries(wanted, [&](std::vector<Delivery> found) { answer.set_value(std::move(found)); });
        return waited_for(answer);
    }

    Replayed replayed(std::int64_t delivery)
    {
        std::promise<Replayed> answer;
        spool->replay(delivery, [&](Replayed what) { answer.set_value(what); });
        return waited_for(answer);
    }
    bool replay(std::int64_t delivery) { return replayed(delivery) == Replayed::again; }

    /// What was handed over before has been worked on.
    void settle() { deliveries({.failed_only = false, .call_id = "none", .since = {}, .limit = 1}); }

    /// Waits for something that the spool does by itself.
    void wait_until(const std::function<bool()>& holds)
    {
        const auto limit = std::chrono::steady_clock::now() + patience;
        while (!holds() && std::chrono::steady_clock::now() < limit)
            settle();
        EXPECT_TRUE(holds());
    }

    TargetCounts counts_of(std::string_view name) const
    {
        for (const auto& target : spool->counts().targets)
            if (target.target.name == name)
                return target;
        return {};
    }

    std::string logged()
    {
        const auto size = std::filesystem::file_size(log_path);
        std::string text(size, '\0');
        EXPECT_EQ(::pread(log_file, text.data(), size, 0), static_cast<ssize_t>(size));
        return text;
    }

    /// Waits for a line of the log, which has a thread of its own.
    void expect_logged(std::string_view part)
    {
        const auto limit = std::chrono::steady_clock::now() + patience;
        while (logged().find(part) == std::string::npos && std::chrono::steady_clock::now() < limit)
            std::this_thread::yield();
        EXPECT_NE(logged().find(part), std::string::npos) << part << "\nin\n" << logged();
    }

    template <typename Value>
    static Value waited_for(std::promise<Value>& answer)
    {
        auto future = answer.get_future();
        if (future.wait_for(patience) != std::future_status::ready) {
            std::fprintf(stderr, "the spool did not answer\n");
            std::abort();
        }
        return future.get();
    }

    TemporaryFolder folder;
    std::filesystem::path log_path = folder.path() / "log";
    int log_file = ::open(log_path.c_str(), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
    log::Log log{{log::Level::info, log::Format::text, log_file}};
    Settings settings;
    Hands hands;
    std::optional<Spool> spool;
};

} // namespace dialhook::spool
