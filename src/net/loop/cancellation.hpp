#pragma once

#include <cassert>
#include <utility>

namespace dialhook::net {

/// Why work under way must end.
enum class CancelReason : unsigned char
{
    none,
    deadline,  ///< its time is up
    abandoned, ///< the outcome is no longer wanted: the engine disconnected, the caller hung up
    shutdown   ///< the daemon shuts down
};

/// Asks one piece of work to end early, and says why: a `std::stop_source` for one thread.
///
/// The work passes it down. A wait registers with `OnCancel` how to break it off. `request` runs that action, which
/// usually resumes the waiting coroutine: the work, and this object with it, may be gone when `request` returns.
class Cancellation
{
public:
    Cancellation() = default;
    Cancellation(const Cancellation&) = delete;
    Cancellation& operator=(const Cancellation&) = delete;

    bool requested() const { return reason_ != CancelReason::none; }
    CancelReason reason() const { return reason_; }

    /// Requests the end for `reason`. Later requests change nothing.
    void request(CancelReason reason)
    {
        if (requested())
            return;
        reason_ = reason;
        if (innermost_ != nullptr)
            innermost_->run(innermost_);
    }

private:
    struct Action
    {
        void (*run)(Action*);
        Action* outer;
    };

    CancelReason reason_ = CancelReason::none;
    Action* innermost_ = nullptr;

    template <class Function>
    friend class OnCancel;
};

/// Runs `function` when `cancellation` is requested while this object lives. Of nested objects only the innermost one
/// runs: the wait it breaks off returns into the outer scopes. `cancellation` must not have been requested yet.
template <class Function>
class OnCancel : Cancellation::Action
{
public:
    OnCancel(Cancellation& cancellation, Function function)
        : Action{[](Action* action) { static_cast<OnCancel*>(action)->function_(); }, cancellation.innermost_}
        , cancellation_(cancellation)
        , function_(std::move(function))
    {
        assert(!cancellation.requested());
        cancellation_.innermost_ = this;
    }
    ~OnCancel() { cancellation_.innermost_ = this->outer; }

    OnCancel(const OnCancel&) = delete;
    OnCancel& operator=(const OnCancel&) = delete;

private:
    Cancellation& cancellation_;
    Function function_;
};

} // namespace dialhook::net
