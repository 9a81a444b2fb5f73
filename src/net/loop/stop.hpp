#pragma once

#include <cassert>
#include <utility>

namespace dialhook::net {

/// Why something under way must end.
enum class StopCause : unsigned char
{
    none,
    deadline,  ///< its time is over
    abandoned, ///< nobody waits for the outcome any more: the engine vanished, the caller hung up
    shutdown   ///< the daemon stops
};

/// Asks one piece of work to end early, and tells it why: what a `std::stop_source` is between threads, within one.
///
/// The work passes it down; whatever waits registers how to break off its wait with `OnStop`. A request runs that
/// action, which usually resumes the waiting coroutine, so that the work, and this object with it, may be gone when
/// `request` returns.
class Stop
{
public:
    Stop() = default;
    Stop(const Stop&) = delete;
    Stop& operator=(const Stop&) = delete;

    bool requested() const { return cause_ != StopCause::none; }
    StopCause cause() const { return cause_; }

    /// The first request counts; later ones change nothing.
    void request(StopCause cause)
    {
        if (requested())
            return;
        cause_ = cause;
        if (innermost_ != nullptr)
            innermost_->run(innermost_);
    }

private:
    struct Action
    {
        void (*run)(Action*);
        Action* outer;
    };

    StopCause cause_ = StopCause::none;
    Action* innermost_ = nullptr;

    template <class Function>
    friend class OnStop;
};

/// Runs `function` when `stop` is requested while this object lives. Of nested ones only the innermost runs: what it
/// breaks off returns into the outer scopes. Not to be made when `stop` was requested already.
template <class Function>
class OnStop : Stop::Action
{
public:
    OnStop(Stop& stop, Function function)
        : Action{[](Action* action) { static_cast<OnStop*>(action)->function_(); }, stop.innermost_}
        , stop_(stop)
        , function_(std::move(function))
    {
        assert(!stop.requested());
        stop_.innermost_ = this;
    }
    ~OnStop() { stop_.innermost_ = this->outer; }

    OnStop(const OnStop&) = delete;
    OnStop& operator=(const OnStop&) = delete;

private:
    Stop& stop_;
    Function function_;
};

} // namespace dialhook::net
