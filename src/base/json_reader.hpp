#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dialhook {

/// A JSON string as it was read.
struct JsonString
{
    std::string_view text;           ///< decoded; in the line itself when it holds no escape
    bool has_lone_surrogate = false; ///< an escape like `\ud800` that stands for no character; `text` has U+FFFD
};

/// Reads one JSON text (RFC 8259) front to back, as views into it: nothing becomes a tree.
///
/// An ordinary call is read a hundred times a millisecond, and a library's objects were most of a decision's cost
/// (docs/performance.md). A test compares this reader with nlohmann/json on hostile texts. Every function returns
/// false, and the reader is `failed`, as soon as the text is not JSON; what was read before then means nothing.
class JsonReader
{
public:
    enum class Kind : unsigned char
    {
        object,
        array,
        string,
        number,
        literal,
        none
    };

    /// `text` is UTF-8 and outlives the reader. What is nested deeper than `max_depth` makes it fail.
    explicit JsonReader(std::string_view text, std::size_t max_depth = std::string_view::npos);
    JsonReader(const JsonReader&) = delete;
    JsonReader& operator=(const JsonReader&) = delete;

    bool failed() const { return failed_; }
    bool is_too_deep() const { return too_deep_; }

    /// Returns where reading goes on; of a reader that failed, the byte that no JSON text has there, or the end.
    std::size_t position() const { return failed_ ? failed_at_ : position_; }

    /// Returns what was read since the reader was at `begin`.
    std::string_view text_since(std::size_t begin) const { return text_.substr(begin, position_ - begin); }

    /// Returns the kind of the value that comes next; `none` if no value does.
    Kind next();

    /// Steps into an object or array: call `more_members` / `more_elements` before each of its entries.
    bool enter();

    /// Returns whether another member comes; reads its name.
    bool more_members(JsonString& name);

    /// Returns whether another element comes.
    bool more_elements();

    bool read_string(JsonString& value);
    bool read_bool(bool& value);

    /// Reads any value, checked; gives its text as it stands.
    bool read_raw(std::string_view& raw);
    bool skip();

    /// Returns whether nothing but white space is left.
    bool at_end();

private:
    bool fail();
    bool fail_of_depth();
    void skip_space();
    bool take(char byte);
    bool take_name();
    bool take_scalar(Kind kind);
    bool take_literal(std::string_view literal);
    bool take_number();
    bool take_digits();
    bool take_string(JsonString* value);
    std::string_view take_plain();
    bool take_string_with_escapes(JsonString* value, std::string_view plain);
    bool take_escape(JsonString* value);
    bool take_unicode_escape(JsonString* value);
    bool take_hex4(std::uint32_t& unit);
    bool starts_entry(char closer);

    std::string_view text_;
    std::size_t max_depth_;
    std::size_t depth_ = 0; ///< containers that were entered and not left
    std::size_t position_ = 0;
    std::size_t failed_at_ = 0;
    bool failed_ = false;
    bool too_deep_ = false;
    bool entered_ = false; ///< a container was opened and none of its entries was read yet
    std::string decoded_;  ///< strings with escapes; never grows past its first capacity, so that views into it stay
};

} // namespace dialhook
