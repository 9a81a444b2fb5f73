#include "config/load.hpp"

#include "base/pace.hpp"
#include "config/asterisk_section.hpp"
#include "config/egress_section.hpp"
#include "config/file_sections.hpp"
#include "config/include.hpp"
#include "config/load_cache.hpp"
#include "config/server_section.hpp"
#include "config/shared_values.hpp"
#include "config/top_level.hpp"
#include "config/vars_section.hpp"
#include "config/webhook_order.hpp"
#include "config/written_files.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dialhook::config {
namespace {

namespace fs = std::filesystem;

using Text = std::shared_ptr<const SourceText>;

/// A file of this load.
struct OpenedFile
{
    FileNumber number = 0;
    Text text;
    KeptFile* kept = nullptr; ///< null: its text was saved
};

/// Notes each set of TLS options once. Those of one file are few.
template <class Named>
void note_tls(const std::vector<Placed<Named>>& all, std::vector<std::shared_ptr<const TlsOptions>>& options)
{
    for (const Placed<Named>& placed : all)
        if (const auto& tls = named(placed.value).tls; tls && std::ranges::find(options, tls) == options.end())
            options.push_back(tls);
}

/// Appends what a file of the number `file` defines.
template <class Item>
void append(std::vector<Item>& all, const std::vector<Item>& of_file, FileNumber file)
{
    for (const Item& item : of_file)
        all.emplace_back(item).file = file;
}

/// One load: what was read so far, and what was wrong with it.
class Loading
{
public:
    Loading(const Environment& environment, LoadCache& cache)
        : environment_(environment)
        , cache_(cache)
        , shared_(environment, cache.secrets)
    {
        defaults_.shared = &shared_;
        cache_.files.begin();
        cache_.secrets.begin();
    }

    void read_main(const fs::path& path)
    {
        auto opened = open(path.string());
        if (!opened)
            return faults_.add(faults_.add_file(path.string()), {}, unreadable(opened.error()));
        OpenedFile& file = *opened;
        file.number = add_file(path.string(), file);
        parse<MainSections>(file, main_keys(), [&](const MainSections& sections) {
            read_settings(sections);
            if (sections.server)
                written_.emplace(*sections.server, configuration_.server);
            check_not_written(file);
            if (sections.webhooks)
                read_webhooks(*sections.webhooks, defaults_, webhooks_);
            if (sections.notifications)
                read_notifications(*sections.notifications, shared_, notifications_);
            if (sections.dialplans)
                read_dialplans(*sections.dialplans, dialplans_);
            use_settings_of(file);
            if (sections.include)
                read_included(*sections.include, path, file);
            cache_.files.forget_unused();
            cache_.secrets.forget_unused();
            written_.reset(); // what it refers to ends here
        });
    }

    boost::system::result<Configuration, Faults> result() &&
    {
        configuration_.webhooks =
            SharedList<Webhook>(joined_in_order("webhooks", in_order(webhooks_, cache_.webhooks), faults_));
        configuration_.notifications = std::make_shared<const events::Notifications>(
            joined_by_name("notifications", std::move(notifications_), faults_));
        configuration_.dialplans = joined_by_number(dialplans_, configuration_, faults_);
        if (faults_.has_faults())
            return faults_.sorted();
        configuration_.warnings = faults_.sorted();
        cache_.webhooks = configuration_.webhooks;
        return std::move(configuration_);
    }

private:
    static std::string unreadable(const ReadError& error) { return "the file cannot be read: " + error.message; }

    /// Those that were saved are asked for in the order in which they were saved.
    boost::system::result<OpenedFile, ReadError> open(const std::string& path)
    {
        Pace::between_pieces();
        if (environment_.saved == nullptr) {
            const auto kept = cache_.files.read(path);
            if (!kept)
                return kept.error();
            return OpenedFile{0, (*kept)->text, *kept};
        }
        if (files_read_ == environment_.saved->size())
            return ReadError{"it was not kept"};
        return OpenedFile{0, environment_.saved->pointers()[files_read_++], nullptr};
    }

    /// Adds the file, now that it is one of the configuration.
    FileNumber add_file(const std::string& path, const OpenedFile& file)
    {
        if (environment_.on_file)
            environment_.on_file(file.text);
        return faults_.add_file(path);
    }

    void read_settings(const MainSections& sections)
    {
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
    }

    /// Settles whether what was made of included files before is still what they mean: after this main file.
    void use_settings_of(const OpenedFile& main)
    {
        SecretFiles secrets = shared_.secrets().take_used();
        is_keeping_ = main.kept != nullptr && !faults_.has_faults();
        if (!is_keeping_)
            return;
        const bool is_same =
            cache_.main != nullptr && cache_.main->text == main.text->text && cache_.main_secrets == secrets;
        cache_.main = main.text;
        cache_.main_secrets = std::move(secrets);
        if (!is_same)
            ++cache_.settings;
    }

    void read_included(const Value& include, const fs::path& path, const OpenedFile& main)
    {
        if (environment_.saved != nullptr) {
            while (files_read_ < environment_.saved->size())
                read_included_file(*open({}));
            return;
        }
        const FileIdentity itself = main.kept->identity;
        const IncludedFiles files(include, path);
        for (const IncludedFile& included : files) {
            auto opened = open(included.path);
            if (opened && opened->kept->identity.is_same_file(itself))
                continue;
            if (opened) {
                check_not_written(*opened);
                read_included_file(*opened);
            } else if (opened.error().is_folder)
                files.fault_of_folder(included);
            else if (opened.error().is_missing && files.was_removed(included))
                files.warn_of_removed(included);
            else
                faults_.add(faults_.add_file(included.path), {}, unreadable(opened.error()));
        }
    }

    /// The daemon would write into what it reads at its next start.
    void check_not_written(const OpenedFile& file) const
    {
        if (written_ && file.kept != nullptr)
            written_->check_apart_from(file.kept->identity, file.text->path);
    }

    void read_included_file(OpenedFile file)
    {
        file.number = add_file(file.text->path, file);
        if (is_keeping_ && file.kept->sections != nullptr && is_as_before(*file.kept->sections))
            return take(*file.kept->sections, file.number);

        FileSections sections;
        const std::size_t found_before = faults_.found();
        parse<IncludedSections>(file, included_keys(), [&](const IncludedSections& parsed) {
            if (parsed.webhooks)
                read_webhooks(*parsed.webhooks, defaults_, sections.webhooks);
            if (parsed.notifications)
                read_notifications(*parsed.notifications, shared_, sections.notifications);
            if (parsed.dialplans)
                read_dialplans(*parsed.dialplans, sections.dialplans);
        });
        take(sections, file.number);
        sections.secrets = shared_.secrets().take_used();
        if (!is_keeping_)
            return;
        file.kept->sections = nullptr;
        if (faults_.found() != found_before)
            return;
        note_tls(sections.webhooks, sections.tls);
        note_tls(sections.notifications, sections.tls);
        sections.settings = cache_.settings;
        file.kept->sections = std::make_shared<const FileSections>(std::move(sections));
    }

    /// Returns whether reading the text once more would come to the same.
    bool is_as_before(const FileSections& sections)
    {
        const auto is_good = [this](const auto& options) { return !shared_.share(*options).fault; };
        const auto is_unchanged = [this](const Text& secret) { return shared_.secrets().is_unchanged(secret); };
        return sections.settings == cache_.settings && std::ranges::all_of(sections.secrets, is_unchanged) &&
               std::ranges::all_of(sections.tls, is_good);
    }

    void take(const FileSections& sections, FileNumber file)
    {
        append(webhooks_, sections.webhooks, file);
        append(notifications_, sections.notifications, file);
        append(dialplans_, sections.dialplans, file);
    }

    void read_egress(const Value& value)
    {
        EgressLists lists;
        egress_keys().read(value, lists);
        configuration_.proxy = std::move(lists.proxy);
        configuration_.egress = egress::Rules(std::move(lists.allow), std::move(lists.deny));
    }

    /// Hands the sections of a file to `read`, while its tree lives.
    template <class Sections, class Read>
    void parse(const OpenedFile& file, const KeyTable<Sections>& keys, const Read& read)
    {
        const SourceFile source(file.number, file.text->text);
        const auto document = Document::parse(source, faults_);
        if (!document)
            return;
        const OpenFile tree{source, *document, faults_};
        const Value root(tree);
        Sections sections;
        keys.read(root, sections);
        read(sections);
    }

    const Environment& environment_;
    LoadCache& cache_;
    std::size_t files_read_ = 0; ///< of those that were saved
    bool is_keeping_ = false;    ///< what included files mean is kept for the next load
    FaultList faults_;
    std::optional<WrittenFiles> written_; ///< by the main file that is being read
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
    LoadCache nothing;
    return load(file, environment, nothing);
}

boost::system::result<Configuration, Faults> load(const fs::path& file, const Environment& environment,
                                                  LoadCache& cache)
{
    Loading loading(environment, cache);
    loading.read_main(file);
    return std::move(loading).result();
}

} // namespace dialhook::config
