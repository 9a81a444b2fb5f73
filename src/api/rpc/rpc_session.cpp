#include "api/rpc/rpc_session.hpp"

#include "api/rpc/answer.hpp"
#include "api/rpc/begin_call.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace dialhook::rpc {
namespace {

/// Output backlog, in bytes, at which reading from an engine pauses, and at which it is disconnected.
constexpr std::size_t unsent_pauses = 256 * 1024;
constexpr std::size_t unsent_ends = 16 * 1024 * 1024;

/// Bytes that its calls in flight may hold, as ids and as answers of unfinished batches, before reading pauses.
constexpr std::size_t held_pauses = 4 * 1024 * 1024;

/// Returns whether a line, or its start, holds too much whatever follows: `\r` may be the half of its line end.
bool is_too_long(std::string_view line)
{
    return line.size() > Line::max_bytes + (line.ends_with('\r') ? 1U : 0U);
}

} // namespace

RpcSession::RpcSession(RpcSessions& sessions, int socket)
    : sessions_(sessions)
    , services_(sessions.services())
    , socket_(services_.poller, socket, *this)
    , calls_(*this, services_)
    , reports_(*this, services_)
{
}

void RpcSession::start()
{
    services_.metrics.engine_connections.add();
    if (!socket_.is_open())
        happened(ConnectionEvent::connection_lost);
}

void RpcSession::happened(ConnectionEvent event)
{
    const State before = std::exchange(state_, after(state_, event));
    if (state_ == before)
        return;
    const auto self = shared_from_this();
    switch (state_) {
    case State::reading:
        if (socket_.may_be_read())
            socket_.read_on_later();
        break;
    case State::paused:
        look_for_hangup();
        break;
    case State::finishing:
        finish();
        break;
    case State::gone:
        socket_.close();
        calls_.abandon();
        services_.metrics.engine_connections.subtract();
        sessions_.forget(self);
        break;
    }
}

/// The last line may lack its end. One that a stop cut off counts as unread: the engine's write failed, and it asks the
/// next daemon.
void RpcSession::finish()
{
    if (!lines_.start().empty() && !stops_reading_)
        take_line(lines_.start());
    lines_.clear();
    look_for_hangup();
    progressed();
}

/// An answer went out, or a call ended.
void RpcSession::progressed()
{
    if (state_ == State::paused && !must_pause())
        happened(ConnectionEvent::backlog_low);
    else if (state_ == State::finishing && calls_.are_none() && reports_.are_none() && out_.unsent().empty() &&
             flush_ == Flush::idle)
        happened(ConnectionEvent::all_answered);
}

/// A half-closed engine still wants its answers; one that closed both ways does not (EPOLLHUP).
void RpcSession::look_for_hangup()
{
    if (socket_.has_hung_up())
        happened(ConnectionEvent::connection_lost);
}

void RpcSession::ready(bool to_read, bool to_write)
{
    const auto self = shared_from_this();
    if (to_write) {
        flush_ = Flush::idle;
        flush();
    }
    if (to_read && watches_for_hangup(state_))
        look_for_hangup();
    else if (to_read)
        read();
}

/// Reads one portion in a turn of the event loop.
void RpcSession::read()
{
    if (state_ != State::reading)
        return;
    net::error_code error;
    try {
        const std::size_t size = socket_.read(portion_, error);
        const bool goes_on = take(std::string_view(portion_.data(), size));
        if (error || !goes_on)
            happened(ConnectionEvent::input_ended);
    } catch (...) { // memory that runs out ends this engine's connection, and it sees that
        happened(ConnectionEvent::connection_lost);
        throw;
    }
    if (state_ != State::reading)
        return;
    if (must_pause())
        happened(ConnectionEvent::backlog_full);
    else if (socket_.may_be_read())
        socket_.read_on_later();
}

/// Returns false when no more is taken from this engine.
bool RpcSession::take(std::string_view bytes)
{
    bool goes_on = lines_.add(bytes, [this](std::string_view line) { return take_line(line); });
    if (goes_on && is_too_long(lines_.start()))
        goes_on = take_line(lines_.start());
    if (!goes_on)
        lines_.clear();
    return goes_on;
}

bool RpcSession::take_line(std::string_view text)
{
    if (is_too_long(text)) {
        answer_fault("null", {RpcError::invalid_request, "a line holds at most 64 KiB"}, nullptr);
        return false;
    }
    if (text.ends_with('\r'))
        text.remove_suffix(1);
    if (text.empty())
        return true;

    Line line = read_line(text);
    if (line.fault) {
        answer_fault("null", *std::move(line.fault), nullptr);
        return true;
    }
    if (!line.is_batch) {
        take_request(std::move(line.requests.front()), nullptr);
        return true;
    }
    const auto batch = std::make_shared<Batch>();
    batch->unanswered = line.requests.size();
    for (RpcRequest& request : line.requests)
        take_request(std::move(request), batch);
    return true;
}

void RpcSession::take_request(RpcRequest&& request, const std::shared_ptr<Batch>& batch)
{
    if (auto* report = std::get_if<EventReport>(&request.asks))
        return reports_.take(std::move(**report), std::move(request.id), batch);
    if (const auto* cancelled = std::get_if<CancelRequest>(&request.asks))
        return take_cancel(request.id, *cancelled, batch.get());
    auto begun = begin_call(request.asks, services_);
    if (!begun)
        return answer_fault(request.id, std::move(begun).error(), batch.get());

    flow::CallFlow& flow = **begun;
    if (!std::holds_alternative<flow::Ask>(flow.next())) {
        answer_call(flow, request.id, batch.get());
    } else if (calls_.are_full()) {
        auto refused = std::make_unique<dispatch::DispatchResult>(Decision::failure(Reason::overload));
        refused->decision.detail = "this engine has 16384 calls in flight";
        flow.webhook_answered(std::move(refused));
        answer_call(flow, request.id, batch.get());
    } else {
        calls_.ask({*std::move(begun), std::move(request.id), batch});
    }
}

/// The call is answered first. That it was answered already is no fault: it crossed the request to cancel it.
void RpcSession::take_cancel(std::string_view id, const CancelRequest& asked, Batch* batch)
{
    const bool is_cancelled = calls_.cancel(asked.id);
    answer(batch, [&](std::string& out) {
        if (!id.empty())
            append_cancelled(out, id, is_cancelled);
    });
}

void RpcSession::answer_call(const flow::CallFlow& flow, std::string_view id, Batch* batch)
{
    if (const auto* route = std::get_if<flow::Answer>(&flow.next()))
        services_.conclude(flow, *route);
    answer(batch, [&](std::string& out) {
        if (!id.empty())
            append_answer(out, id, flow);
    });
}

/// If the engine is gone itself, nobody reads this.
void RpcSession::answer_cancelled(std::string_view id, Batch* batch)
{
    answer(batch, [&](std::string& out) {
        if (!id.empty())
            append_error(out, id, {RpcError::cancelled, "call.cancel ended this call"});
    });
}

/// What came after the end of its call is answered as what was stored: the engine has nothing left to do about it.
void RpcSession::answer_report(std::string_view id, spool::Stored stored, std::string_view why, Batch* batch)
{
    answer(batch, [&](std::string& out) {
        if (id.empty())
            return;
        if (stored == spool::Stored::failed)
            append_error(out, id, api::not_stored(why));
        else
            append_stored(out, id);
    });
}

void RpcSession::answer_fault(std::string_view id, RequestFault fault, Batch* batch)
{
    fault.message += fault.remedy;
    fault.message += services_.refuse("request refused", fault.code, fault.message,
                                      fault.about == nullptr ? dispatch::Refused() : *fault.about);
    answer(batch, [&](std::string& out) {
        if (!id.empty())
            append_error(out, id, fault);
    });
}

template <class Append>
void RpcSession::answer(Batch* batch, Append append)
{
    if (state_ == State::gone)
        return;
    out_.add(batch, append);
    if (!out_.unsent().empty())
        schedule_flush();
}

/// Schedules one flush for all answers of this turn of the event loop, or of those that the poller takes together.
void RpcSession::schedule_flush()
{
    if (flush_ != Flush::idle)
        return;
    flush_ = Flush::scheduled;
    if (services_.poller.is_dispatching())
        services_.poller.defer_flush(*this);
    else
        boost::asio::post(services_.context, [self = shared_from_this()] { self->flush_deferred(); });
}

void RpcSession::flush_deferred()
{
    const auto self = shared_from_this();
    flush_ = Flush::idle;
    flush();
}

void RpcSession::flush()
{
    net::error_code error;
    for (std::size_t written = 1; state_ != State::gone && !out_.unsent().empty() && written != 0; out_.sent(written))
        written = socket_.write(out_.unsent(), error);

    if (error)
        return happened(ConnectionEvent::connection_lost);
    if (out_.unsent().size() > unsent_ends) {
        services_.log.write_summed(log::Level::warning, "engine disconnected: it does not read its answers", {});
        return happened(ConnectionEvent::connection_lost);
    }
    out_.trim();
    if (!out_.unsent().empty()) {
        flush_ = Flush::blocked;
        socket_.await_room();
    }
    progressed();
}

bool RpcSession::must_pause() const
{
    return out_.unsent().size() > unsent_pauses || calls_.held() + reports_.held() + out_.held() > held_pauses;
}

void RpcSession::drain()
{
    // The read under way ends as if the engine had closed its side; what the kernel holds already is still read.
    stops_reading_ = true;
    socket_.stop_reading();
}

} // namespace dialhook::rpc
