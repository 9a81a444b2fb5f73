"""What the suites share: the daemon, an engine that asks it, and the hostile world around it.

One file, one concept; nothing but Python's standard library, and nothing that sleeps: every wait is a wait for a
socket, an event or a condition, with a deadline.
"""
