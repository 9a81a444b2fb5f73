#pragma once

#include "base/json_reader.hpp"
#include "webhook/reply_parts.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dialhook {

/// A value that is neither a list nor an object.
struct JsonScalar
{
    JsonReader::Kind kind;
    JsonString string; ///< its text as it was written

    bool is(std::string_view literal) const { return kind == JsonReader::Kind::literal && string.text == literal; }
};

/// Puts the values that were found in a JSON reply where they belong, the first that is not empty of each field.
class JsonValues
{
public:
    /// Which one of a list of destinations; nullopt: it stands alone.
    using Element = std::optional<std::size_t>;

    JsonValues(const ReplyOptions& options, ReplyReading* reading, ReplyParts& parts);

    /// Takes the value that `target` leads to.
    void give(const ReplyTarget& target, const JsonScalar& scalar, Element element);

    void give_destination(const ReplyTarget& target, const JsonScalar& scalar, Element element);

    /// Where a destination was expected, there is none and nothing empty.
    void refuse_destination(const ReplyTarget& target, Element element);

    /// Takes a variable, which stands in `folder`, or where `target` leads to.
    void give_variable(std::string_view name, const JsonScalar& scalar, std::string_view folder,
                       const ReplyTarget* target);

    /// Returns the text of a field that is one word; null if it is another one.
    std::string* word_of(ReplyField field);

private:
    void give_status(const JsonScalar& scalar);
    void give_word(const ReplyTarget& target, const JsonScalar& scalar, std::string& word);
    void add_destination(const ReplyTarget& target, WrittenDestination&& written, Element element);
    void give_callername(const ReplyTarget& target, const JsonScalar& scalar);

    const ReplyOptions& options_;
    ReplyReading* reading_;
    ReplyParts& parts_;
};

} // namespace dialhook
