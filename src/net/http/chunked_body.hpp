#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dialhook::net {

/// Reads a body in chunks (RFC 9112, 7.1), whatever the portions. Extensions and trailers are passed over.
class ChunkedBody
{
public:
    enum class State : unsigned char
    {
        more,
        complete,
        too_long, ///< a chunk says that more than `Response::max_body` come
        refused   ///< `fault` says why
    };

    /// Takes from the front of `bytes` what belongs to the body, and appends what the chunks hold to `body`.
    State take(std::string_view& bytes, std::string& body);

    std::string_view fault() const { return fault_; }

    /// Returns whether each line ended as RFC 9112 has it, so that another reader sees the same end.
    bool is_proper() const { return is_proper_; }

private:
    enum class Part : unsigned char
    {
        size,
        data,
        end_of_data,
        trailer
    };

    State take_line_of_frame(std::string_view& bytes, const std::string& body);
    State read_line(std::string_view line, const std::string& body);
    State read_size(std::string_view line, const std::string& body);
    std::string_view fault_in_beginning(std::string_view line) const;
    State refuse(std::string_view fault);

    Part part_ = Part::size;
    std::uint64_t left_ = 0;     ///< of the chunk
    std::string line_;           ///< the beginning of one whose end has not come
    std::size_t frame_size_ = 0; ///< of the line, or of all trailers
    std::string_view fault_;
    bool is_proper_ = true;
};

} // namespace dialhook::net
