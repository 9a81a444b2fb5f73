#pragma once

#include "yaml/fault_list.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::config {

/// The text of one configuration file, and the arithmetic between its bytes and what an editor calls line and column.
///
/// Line ends are what libyaml takes for them (LF, CR, CRLF, NEL, LS, PS), so that places agree with its marks.
class SourceFile
{
public:
    /// A byte-order mark at the start is dropped.
    SourceFile(FileNumber number, std::string text);

    FileNumber number() const { return number_; }
    std::string_view text() const { return text_; }

    /// Returns where the byte at `offset` stands.
    Mark mark_at(std::size_t offset) const;

    /// Returns the offset of the byte at `mark`; the end of the text if there is no such place.
    std::size_t offset_of(Mark mark) const;

    /// Returns where byte `offset` of a scalar's value stands, if the scalar that starts at `mark` is plain or quoted
    /// and reaches that byte on its first line; else `mark` itself.
    Mark mark_in_scalar(Mark mark, std::size_t offset) const;

private:
    /// A byte whose place is known, from which to count on.
    struct Checkpoint
    {
        std::size_t offset;
        Mark mark;
    };

    /// Returns one for each piece of the text, in its order. Made at the first question: most files have no fault.
    const std::vector<Checkpoint>& checkpoints() const;
    /// Counts one line end or code point on.
    void step(Checkpoint& place) const;

    FileNumber number_;
    std::string text_;
    mutable std::vector<Checkpoint> checkpoints_;
};

} // namespace dialhook::config
