"""When a soak has passed. Pure: figures in, faults out."""
import statistics

MIB = 2 ** 20

# What the memory may grow by from the second quarter of the run to the last one: a part of itself, and what the
# allocator and one configuration that is not buried yet make of noise.
GROWTH, NOISE = 0.03, 2 * MIB


def faults(*, memory, descriptors_before, descriptors_after, problems, unsent, untold, answered, restarts):
    """What is wrong with a run, in words. `memory`: samples of the daemon that ran all the time, in bytes; `unsent`: ids of
    background requests that the web server never got; `untold`: ids of calls whose end it was not told of."""
    found = list(problems)
    if answered == 0:
        found.append("no call was answered at all")
    if restarts == 0:
        found.append("there was no restart: the run was too short to show anything")
    if unsent:
        found.append(f"{len(unsent)} background requests never went out: {sorted(unsent)[:5]}")
    if untold:
        found.append(f"the end of {len(untold)} calls was not told: {sorted(untold)[:5]}")
    if descriptors_after != descriptors_before:
        found.append(f"descriptors: {descriptors_before} before, {descriptors_after} after all engines and web servers had left")
    if len(memory) < 8:
        return [*found, "there are too few samples to judge the memory by"]
    earlier, later = quarter(memory, 1), quarter(memory, 3)
    most = earlier * (1 + GROWTH) + NOISE
    if later > most:
        found.append(f"memory is not flat: {earlier / MIB:.1f} MiB in the second quarter, {later / MIB:.1f} MiB in the last one, "
                     f"at most {most / MIB:.1f} MiB would be")
    return found


def quarter(samples, index):
    """The median of one of four parts."""
    size = len(samples) // 4
    return statistics.median(samples[index * size:(index + 1) * size])
