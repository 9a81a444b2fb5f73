#include "config/kept_files.hpp"

#include "base/pace.hpp"

#include <utility>

namespace dialhook::config {
namespace {

bool may_have_changed_unseen(const FileIdentity& identity, std::chrono::system_clock::time_point read_at)
{
    const auto since_1970 = std::chrono::floor<std::chrono::nanoseconds>(read_at.time_since_epoch());
    const auto sure = (since_1970 - KeptFiles::doubt).count();
    return identity.content_changed_ns >= sure || identity.inode_changed_ns >= sure;
}

} // namespace

KeptFile& KeptFiles::use(KeptFile& file)
{
    if (file.used_in != load_)
        ++used_;
    file.used_in = load_;
    return file;
}

boost::system::result<KeptFile*, ReadError> KeptFiles::read(const std::string& path)
{
    const auto known = files_.find(path);
    if (known != files_.end() && known->second.is_certain && identity_of(path) == known->second.identity)
        return &use(known->second);

    const auto now = now_();
    ++files_read_;
    auto content = read_file(path, max_size_);
    if (!content) {
        if (known != files_.end()) {
            used_ -= known->second.used_in == load_ ? 1U : 0U;
            files_.erase(known);
        }
        return std::move(content).error();
    }
    KeptFile& file = known != files_.end() ? known->second : files_[path];
    file.identity = content->identity;
    file.is_certain = content->identity.is_regular && !may_have_changed_unseen(content->identity, now);
    if (file.text == nullptr || file.text->text != content->bytes) {
        file.text = std::make_shared<const SourceText>(SourceText{path, std::move(content->bytes)});
        file.sections = nullptr;
    }
    return &use(file);
}

void KeptFiles::forget_unused()
{
    if (used_ != files_.size())
        std::erase_if(files_, [this](const auto& file) {
            Pace::between_pieces();
            return file.second.used_in != load_;
        });
    used_ = 0;
}

} // namespace dialhook::config
