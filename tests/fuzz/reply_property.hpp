#pragma once

#include "webhook/reply.hpp"

namespace dialhook::fuzz {

bool same(const Reply& left, const Reply& right);

/// What is promised of a reply however it was written.
void require_within_limits(const Reply& reply);

/// A fault has a sentence, with nothing in it that a log or a terminal would obey.
void require_sentence(const BadReply& fault);

} // namespace dialhook::fuzz
