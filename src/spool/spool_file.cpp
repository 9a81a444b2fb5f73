#include "spool/spool_file.hpp"

#include "base/utc.hpp"
#include "spool/schema.hpp"

#include <algorithm>
#include <utility>

namespace dialhook::spool {
namespace {

namespace fs = std::filesystem;

std::string fault_of(const fs::path& file, const sqlite::Error& error)
{
    const std::string name = "the spool file " + file.string();
    if (error.is_locked())
        return name + " is in use by another dialhookd; give each its own `server.spool`";
    return name + " cannot be opened: " + error.what();
}

/// Renames the file and its write-ahead log. Throws std::filesystem::filesystem_error.
std::string set_aside(const fs::path& file, std::string_view word, SystemTime now)
{
    std::string time = utc(now);
    std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
    std::string aside = file.string() + "." + std::string(word) + "-" + time;
    fs::rename(file, aside);
    std::error_code none;
    fs::rename(file.string() + "-wal", aside + "-wal", none);
    return aside;
}

class Opening
{
public:
    Opening(const fs::path& file, SystemTime now)
        : file_(file)
        , now_(now)
    {
    }

    OpenedFile result() &&
    {
        // The second time it is a new file.
        if (!try_to_open() && !opened_.set_aside.empty())
            try_to_open();
        return std::move(opened_);
    }

private:
    bool try_to_open()
    {
        try {
            opened_.database = std::make_unique<Database>(file_.string());
            opened_.fault.clear();
            return true;
        } catch (const NewerSchema& newer) {
            put_aside("newer", newer);
        } catch (const sqlite::Error& error) {
            if (error.is_broken_file())
                put_aside("broken", error);
            else
                opened_.fault = fault_of(file_, error);
        } catch (const fs::filesystem_error& error) {
            opened_.fault = error.what();
        }
        return false;
    }

    void put_aside(std::string_view word, const sqlite::Error& error)
    {
        opened_.fault = fault_of(file_, error);
        if (!opened_.set_aside.empty())
            return;
        try {
            opened_.set_aside = set_aside(file_, word, now_);
            opened_.why_set_aside = error.what();
        } catch (const fs::filesystem_error& failed) {
            opened_.fault = failed.what();
        }
    }

    const fs::path& file_;
    SystemTime now_;
    OpenedFile opened_;
};

} // namespace

OpenedFile open_spool_file(const fs::path& file, SystemTime now)
{
    return Opening(file, now).result();
}

} // namespace dialhook::spool
