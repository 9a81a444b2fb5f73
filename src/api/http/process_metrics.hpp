#pragma once

#include "metrics/exposition.hpp"

namespace dialhook::status {

/// Appends what every client of Prometheus tells of its process: processor time, memory, descriptors, when it started.
/// What /proc does not tell is left out.
void append_process_metrics(Exposition& exposition);

} // namespace dialhook::status
