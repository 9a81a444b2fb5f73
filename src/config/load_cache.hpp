#pragma once

#include "base/shared_list.hpp"
#include "config/kept_files.hpp"
#include "config/secrets.hpp"
#include "webhook/webhook.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace dialhook::config {

/// What the loads of one main file keep for the next one, so that it reads again only what changed. What comes of a
/// load is the same with it and without it.
///
/// Files with a fault or a warning are parsed in each load, so that each says what is wrong. So are all of them after a
/// change of the main file, for `defaults`, `vars` and `server` there go into what they mean.
struct LoadCache
{
    static constexpr std::size_t max_file = 256UL * 1024 * 1024;

    KeptFiles files{max_file};
    KeptFiles secrets{Secrets::max_size};

    // The main file with whose settings `FileSections` were read, and what was put into it.
    std::shared_ptr<const SourceText> main; ///< null: none was without fault yet
    SecretFiles main_secrets;
    std::uint64_t settings = 0; ///< another number for other settings

    SharedList<Webhook> webhooks; ///< of the last load without fault, in their order
};

} // namespace dialhook::config
