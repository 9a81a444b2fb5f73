#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace dialhook {

/// Appends many small pieces to a string without a library call for each: an answer or a line of the log is some eighty
/// of them. While it lives the string is longer than its text; afterwards it ends where the text does.
///
/// `std::string::append` is a call into the library, and then one to `memcpy`, also for a single byte: 8,000 of 50,000
/// instructions of a decision went there. Here a literal is one comparison and a few moves.
class Appender
{
public:
    /// `room` is how many bytes will probably be appended; more are possible.
    explicit Appender(std::string& text, std::size_t room = 256)
        : text_(text)
        , size_(text.size())
    {
        make_room(room);
    }
    ~Appender() { text_.resize(size_); }
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;

    [[gnu::always_inline]] Appender& operator+=(std::string_view bytes)
    {
        if (bytes.size() > text_.size() - size_)
            make_room(bytes.size());
        if (!bytes.empty()) // memcpy takes no null, even for nothing
            std::memcpy(text_.data() + size_, bytes.data(), bytes.size());
        size_ += bytes.size();
        return *this;
    }

    [[gnu::always_inline]] Appender& operator+=(char byte)
    {
        if (size_ == text_.size())
            make_room(1);
        text_[size_++] = byte;
        return *this;
    }

private:
    [[gnu::noinline]] void make_room(std::size_t least) { text_.resize(size_ + std::max(least, step)); }

    static constexpr std::size_t step = 256;

    std::string& text_;
    std::size_t size_; ///< of the text; the rest of the string is unused
};

} // namespace dialhook
