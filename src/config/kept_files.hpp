#pragma once

#include "config/read_file.hpp"
#include "config/saved.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace dialhook::config {

struct FileSections;

/// A file that was read, and what was made of it.
struct KeptFile
{
    FileIdentity identity;
    bool is_certain = false; ///< a change after it was read shows in its identity
    std::shared_ptr<const SourceText> text;
    std::shared_ptr<const FileSections> sections; ///< of `text`; null: not kept. Set by who reads the text
    std::uint64_t used_in = 0;                    ///< the load that looked at it last
};

/// The texts of files, kept from one load to the next: a file is read again only if it may have changed.
///
/// What tells is its identity: device, inode, size and the times of the last changes of content and of inode, by path,
/// so that a file that another one has replaced is noticed, and one whose own time was set back. Times tick; a file
/// that had changed within `doubt` before it was read may change again without a trace, and so it is read again and
/// compared. As long as the content is the same, so is the `text` object.
class KeptFiles
{
public:
    using Now = std::function<std::chrono::system_clock::time_point()>;

    /// More than the ticks of any file system: two seconds are those of FAT, and some network file systems' too.
    static constexpr std::chrono::seconds doubt{3};

    /// Refuses files larger than `max_size` bytes.
    explicit KeptFiles(std::size_t max_size, Now now = std::chrono::system_clock::now)
        : max_size_(max_size)
        , now_(std::move(now))
    {
    }

    /// Begins a load. Within it the file system may change as it likes: `read` looks anew each time.
    void begin()
    {
        ++load_;
        used_ = 0;
    }

    /// Returns the file at `path` as it is now; valid until `forget_unused`. Blocks.
    boost::system::result<KeptFile*, ReadError> read(const std::string& path);

    /// Forgets the files that this load did not read.
    void forget_unused();

    std::size_t size() const { return files_.size(); }
    std::uint64_t files_read() const { return files_read_; } ///< since this object was made

private:
    KeptFile& use(KeptFile& file);

    std::size_t max_size_;
    Now now_;
    std::uint64_t load_ = 0;
    std::uint64_t files_read_ = 0;
    std::size_t used_ = 0; ///< of `files_`, in this load
    std::unordered_map<std::string, KeptFile> files_;
};

} // namespace dialhook::config
