#include "config/load.hpp"

#include "base/pace.hpp"
#include "config/asterisk_section.hpp"
#include "config/dialplan_section.hpp"
#include "config/egress_section.hpp"
#include "config/include.hpp"
#include "config/notification_section.hpp"
#include "config/read_file.hpp"
#include "config/server_section.hpp"
#include "config/shared_values.hpp"
#include "config/top_level.hpp"
#include "config/vars_section.hpp"
#include "config/webhook_section.hpp"

#include <cstdlib>
#include <utility>

namespace dialhook::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_file = 256UL * 1024 * 1024;

/// One load: what was read so far, and what was wrong with it.
class Loading
{
public:
    explicit Loading(const Environment& environment)
        : environment_(environment)
        , shared_(environment)
    {
        defaults_.shared = &shared_;
    }

    void read_main(const fs::path& path)
    {
        with_file<MainSections>(path, main_keys(), [&](const MainSections& sections) {
            if (sections.server)
                read_server(*sections.server, configuration_.server, shared_, environment_);
            defaults_.threads = configuration_.server.threads;
            defaults_.send = configuration_.server.numbers.send;
            shared_.numbers = configuration_.server.numbers.plan;
            if (sections.vars)
                shared_.vars = configuration_.vars = read_vars(*sections.vars);
            if (sections.egress)
                read_egress(*sections.egress);
            if (sections.asterisk)
                asterisk_keys().read(*sections.asterisk, configuration_.asterisk);
            if (sections.defaults)
                default_keys().read(*sections.defaults, defaults_);
            if (sections.webhooks)
                read_webhooks(*sections.webhooks, defaults_, webhooks_);
            if (sections.notifications)
                read_notifications(*sections.notifications, shared_, notifications_);
            if (sections.dialplans)
                read_dialplans(*sections.dialplans, dialplans_);
            if (sections.include)
                for (const auto& file : files_included(*sections.include, path))
                    read_included(file);
        });
    }

    boost::system::result<Configuration, Faults> result() &&
    {
        configuration_.webhooks = joined_by_name("webhooks", std::move(webhooks_), faults_);
        configuration_.notifications = std::make_shared<const events::Notifications>(
            joined_by_name("notifications", std::move(notifications_), faults_));
        configuration_.dialplans = joined_by_number(std::move(dialplans_), configuration_, faults_);
        if (faults_.has_faults())
            return faults_.sorted();
        configuration_.warnings = faults_.sorted();
        return std::move(configuration_);
    }

private:
    std::vector<fs::path> files_included(const Value& include, const fs::path& main_file) const
    {
        if (environment_.saved == nullptr)
            return included_files(include, main_file);
        std::vector<fs::path> files;
        for (std::size_t at = 1; at < environment_.saved->size(); ++at)
            files.emplace_back((*environment_.saved)[at].path);
        return files;
    }

    /// Returns the text of the next file: they are asked for in the order in which they were kept.
    boost::system::result<std::string, ReadError> next_text(const fs::path& path)
    {
        if (environment_.saved == nullptr)
            return read_file(path, max_file);
        if (files_read_ == environment_.saved->size())
            return ReadError{"it was not kept"};
        return {boost::system::in_place_value, (*environment_.saved)[files_read_++].text};
    }

    void read_included(const fs::path& path)
    {
        with_file<IncludedSections>(path, included_keys(), [&](const IncludedSections& sections) {
            if (sections.webhooks)
                read_webhooks(*sections.webhooks, defaults_, webhooks_);
            if (sections.notifications)
                read_notifications(*sections.notifications, shared_, notifications_);
            if (sections.dialplans)
                read_dialplans(*sections.dialplans, dialplans_);
        });
    }

    void read_egress(const Value& value)
    {
        EgressLists lists;
        egress_keys().read(value, lists);
        configuration_.proxy = std::move(lists.proxy);
        configuration_.egress = egress::Rules(std::move(lists.allow), std::move(lists.deny));
    }

    /// Opens the file at `path` and hands its sections to `read`, while text and tree of the file live.
    template <class Sections, class Read>
    void with_file(const fs::path& path, const KeyTable<Sections>& keys, const Read& read)
    {
        Pace::between_pieces();
        const auto number = faults_.add_file(path.string());
        auto text = next_text(path);
        if (!text)
            return faults_.add(number, {}, "the file cannot be read: " + text.error().message);
        if (environment_.on_file)
            environment_.on_file(path, *text);
        const SourceFile source(number, std::move(*text));
        const auto document = Document::parse(source, faults_);
        if (!document)
            return;

        const OpenFile file{source, *document, faults_};
        const Value root(file);
        Sections sections;
        keys.read(root, sections);
        read(sections);
    }

    const Environment& environment_;
    std::size_t files_read_ = 0; ///< of those that were kept
    FaultList faults_;
    SharedValues shared_;
    WebhookDraft defaults_;
    Configuration configuration_;
    std::vector<PlacedWebhook> webhooks_;
    std::vector<PlacedNotification> notifications_;
    std::vector<PlacedDialplan> dialplans_;
};

} // namespace

Environment Environment::of_process()
{
    const char* const credentials = std::getenv("CREDENTIALS_DIRECTORY");
    Environment environment;
    if (credentials != nullptr)
        environment.credentials_directory = credentials;
    return environment;
}

boost::system::result<Configuration, Faults> load(const fs::path& file, const Environment& environment)
{
    Loading loading(environment);
    loading.read_main(file);
    return std::move(loading).result();
}

} // namespace dialhook::config
