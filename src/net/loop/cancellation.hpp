#pragma once

#include <cassert>
#include <utility>

namespace dialhook::net {

/// Why something under way must end.
enum class CancelReason : unsigned char
{
    none,
    deadline,  ///< its time is over
    abandoned, ///< nobody waits for the outcome any more: the engine vanished, the caller hung up
    shutdown   ///< the daemon stops
};

/// Asks one piece of work to end early, and tells it why: what a `std::stop_source` is between threads, within one.
///
/// The work passes it down; whatever waits registers how to break off its wait with `OnCancel`. A request runs that
/// action, which usually resumes the waiting coroutine, so that the work, and this object with it, may be gone when
/// `request` returns.
class Cancellation
{
public:
    Cancellation() = default;
    Cancellation(const Cancellation&) = delete;
    Cancellation& operator=(const Cancellation&) = delete;

    bool requested() const { return reason_ != CancelReason::none; }
    CancelReason reason() const { return reason_; }

    /// The first request counts; later ones change nothing.
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

/// Runs `function` when `cancellation` is requested while this object lives. Of nested ones only the innermost runs:
/// what it breaks off returns into the outer scopes. Not to be made when `cancellation` was requested already.
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
