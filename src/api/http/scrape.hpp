#pragma once

#include "api/http/sources.hpp"

#include <cstddef>
#include <string>

namespace dialhook::status {

/// The text of one scrape, made in portions: with 100,000 webhooks it is a hundred megabytes long.
class Scrape
{
public:
    explicit Scrape(Sources sources)
        : sources_(std::move(sources))
        , has_webhooks_(sources_.snapshot->configuration().server.metrics.webhooks)
    {
    }

    /// Returns the next portion of about 64 KiB; empty at the end.
    std::string next();

private:
    void append_webhooks(std::string& out);

    Sources sources_;
    bool has_webhooks_;
    bool has_begun_ = false;
    std::size_t family_ = 0;
    std::size_t resolved_ = 0;
};

} // namespace dialhook::status
