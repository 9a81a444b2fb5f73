#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dialhook::daemon {

/// The file `last-words` beside the daemon's sockets, from which dialhookctl says why no daemon answers. For the
/// daemon's user and group, as the engines' socket is: it names webhooks and files. Faults quote no value of a header
/// and no URL with a password.
///
/// Its first line is `starts N TIME`: so many starts in a row were refused.
class LastWords
{
public:
    /// An empty `folder`: none are left.
    explicit LastWords(const std::filesystem::path& folder);

    /// How many of the starts before this one were refused in a row, and what was said then.
    struct Before
    {
        unsigned starts = 0;
        std::string words;
    };
    Before before() const;

    /// Returns `words` as they come back from `before`: the first of many, one a line.
    static std::string text_of(const std::vector<std::string>& words);

    /// Leaves what cannot be said any more once the daemon has ended. That it cannot be written is no trouble.
    void leave(const std::vector<std::string>& words, unsigned refused_starts) const;

    /// A daemon that runs has no last words.
    void forget() const;

private:
    std::filesystem::path file_;
};

} // namespace dialhook::daemon
