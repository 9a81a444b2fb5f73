#include "config/saved.hpp"

#include "base/hex.hpp"
#include "base/pace.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <utility>

/// The format, version 1: a line `dialhook-configuration 1 SHA-256`, whose checksum is that of all that follows it.
/// Then `applied MILLISECONDS` since 1970, and for each file `file BYTES BYTES` with the sizes of its path and its
/// text, the path, and the text, each with a line end after it. At last a line `end`.
namespace dialhook::config {
namespace {

constexpr std::string_view magic = "dialhook-configuration ";
constexpr std::string_view version = "1";
constexpr std::string_view end_mark = "end\n";

std::string sha256(std::string_view bytes)
{
    constexpr std::size_t piece = 128UL * 1024;
    const std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context(::EVP_MD_CTX_new(), ::EVP_MD_CTX_free);
    if (!context || ::EVP_DigestInit_ex(context.get(), ::EVP_sha256(), nullptr) != 1)
        throw std::bad_alloc();
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
        ::EVP_DigestUpdate(context.get(), bytes.data(), std::min(piece, bytes.size()));
        Pace::between_pieces();
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    ::EVP_DigestFinal_ex(context.get(), digest.data(), &size);
    return hex({digest.data(), size});
}

/// Takes pieces off the front of bytes; each function returns nullopt if they begin with something else.
class Pieces
{
public:
    explicit Pieces(std::string_view bytes)
        : left_(bytes)
    {
    }

    bool skip(std::string_view expected)
    {
        if (!left_.starts_with(expected))
            return false;
        left_.remove_prefix(expected.size());
        return true;
    }

    /// Reads a number, and the character after it.
    template <class Number>
    std::optional<Number> number(char after)
    {
        Number value{};
        const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), value);
        const auto size = static_cast<std::size_t>(end - left_.data());
        if (error != std::errc() || size == left_.size() || *end != after)
            return std::nullopt;
        left_.remove_prefix(size + 1);
        return value;
    }

    /// Reads so many bytes, and the line end after them.
    std::optional<std::string> bytes(std::size_t size)
    {
        if (size >= left_.size() || left_[size] != '\n')
            return std::nullopt;
        std::string taken(left_.substr(0, size));
        left_.remove_prefix(size + 1);
        return taken;
    }

    std::string_view left() const { return left_; }

private:
    std::string_view left_;
};

std::optional<SourceText> read_source(Pieces& pieces)
{
    const auto path_size = pieces.number<std::size_t>(' ');
    if (!path_size)
        return std::nullopt;
    const auto text_size = pieces.number<std::size_t>('\n');
    if (!text_size)
        return std::nullopt;
    auto path = pieces.bytes(*path_size);
    if (!path)
        return std::nullopt;
    auto text = pieces.bytes(*text_size);
    if (!text)
        return std::nullopt;
    return SourceText{*std::move(path), *std::move(text)};
}

std::optional<SavedConfiguration> read_body(std::string_view body)
{
    Pieces pieces(body);
    if (!pieces.skip("applied "))
        return std::nullopt;
    const auto applied = pieces.number<std::int64_t>('\n');
    if (!applied)
        return std::nullopt;
    SavedConfiguration saved;
    saved.applied_at = std::chrono::system_clock::time_point(std::chrono::milliseconds(*applied));
    while (pieces.skip("file ")) {
        auto source = read_source(pieces);
        if (!source)
            return std::nullopt;
        saved.files.push_back(*std::move(source));
        Pace::between_pieces();
    }
    if (saved.files.empty() || pieces.left() != end_mark)
        return std::nullopt;
    return saved;
}

} // namespace

std::string encode(const SavedConfiguration& saved)
{
    const auto applied = std::chrono::floor<std::chrono::milliseconds>(saved.applied_at.time_since_epoch()).count();
    std::string body = "applied " + std::to_string(applied) + '\n';
    for (const SourceText& file : saved.files) {
        body += "file " + std::to_string(file.path.size()) + ' ' + std::to_string(file.text.size()) + '\n';
        body.append(file.path).append("\n").append(file.text).append("\n");
    }
    body += end_mark;
    std::string bytes;
    bytes.append(magic).append(version).append(" ").append(sha256(body)).append("\n").append(body);
    return bytes;
}

boost::system::result<SavedConfiguration, SavedFault> decode(std::string_view bytes, std::string_view main_file)
{
    const auto line_end = bytes.find('\n');
    std::string_view head = bytes.substr(0, line_end);
    if (line_end == std::string_view::npos || !head.starts_with(magic))
        return SavedFault{"it is not a saved configuration"};
    head.remove_prefix(magic.size());
    const std::string_view found = head.substr(0, head.find(' '));
    if (found != version)
        return SavedFault{"it was written by another version of Dialhook"};
    head.remove_prefix(std::min(head.size(), found.size() + 1));
    const std::string_view body = bytes.substr(line_end + 1);
    if (head != sha256(body))
        return SavedFault{"its checksum is wrong: it was cut or changed"};
    auto saved = read_body(body);
    if (!saved)
        return SavedFault{"its parts do not fit together"};
    if (saved->files.front().path != main_file)
        return SavedFault{"it is the configuration of " + saved->files.front().path + ", not of " +
                          std::string(main_file)};
    return *std::move(saved);
}

} // namespace dialhook::config
