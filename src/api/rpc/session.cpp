#include "api/rpc/session.hpp"

#include "api/rpc/answer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace dialhook::engine {
namespace {

constexpr std::size_t kept_capacity = 64 * 1024;

/// Output backlog, in bytes, at which reading from an engine pauses, and at which it is
/// disconnected.
constexpr std::size_t unsent_pauses = 256 * 1024;
constexpr std::size_t unsent_ends = 16 * 1024 * 1024;

/// Bytes that its calls in flight may hold, as ids and as answers of unfinished batches, before reading pauses.
constexpr std::size_t held_pauses = 4 * 1024 * 1024;

/// Servers that wait for the next call; one is about a kilobyte.
constexpr std::size_t most_resting = 16;

/// Calls of one engine at once; the next one is answered with `overload`.
constexpr std::size_t max_calls = 16384;

} // namespace

Session::UnderWay::UnderWay(Session& owner, std::size_t held_bytes)
    : session(owner)
    , holds(held_bytes)
{
    session.held_ += holds;
    session.calls_.push_back(*this);
    ++session.calls_under_way_;
    session.services_.tally.in_flight.add();
}

Session::UnderWay::~UnderWay()
{
    session.held_ -= holds;
    --session.calls_under_way_;
    session.services_.tally.in_flight.subtract();
}

Session::Session(Sessions& sessions, int socket)
    : sessions_(sessions)
    , services_(sessions.services())
    , socket_(services_.poller, socket, *this)
{
}

net::Awaitable<void> Session::run(std::shared_ptr<Session> self)
{
    if (!socket_.is_open())
        abandon();
    co_await read_to_the_end_.wait();
    if (!input_.empty() && takes_requests_ && !stops_reading_ && !gone_)
        take_line(std::exchange(input_, {})); // the last line may lack its end
    takes_requests_ = false;
    watch_for_hangup();
    co_await until_all_is_answered();

    gone_ = true;
    socket_.close();
    end_servers();
    sessions_.forget(self);
}

void Session::ready(bool to_read, bool to_write)
{
    const auto self = shared_from_this();
    if (to_write) {
        waits_for_room_ = false;
        flush();
    }
    if (to_read && watches_for_hangup_ && socket_.has_hung_up())
        abandon();
    else if (to_read)
        read();
}

/// One portion in a turn of the event loop.
void Session::read()
{
    if (!reads_ || pauses_)
        return;
    net::error_code error;
    try {
        const std::size_t size = socket_.read(portion_, error);
        take(std::string_view(portion_.data(), size));
    } catch (...) { // memory that runs out ends this engine's connection, and it sees that
        abandon();
        throw;
    }
    if (error || !takes_requests_) {
        end_reading();
    } else if (must_pause()) {
        pauses_ = true;
        watch_for_hangup();
    } else if (socket_.may_be_read()) {
        socket_.read_on_later();
    }
}

void Session::end_reading()
{
    if (std::exchange(reads_, false))
        read_to_the_end_.open();
}

/// An answer went out, a call ended, or the engine vanished.
void Session::changed()
{
    if (pauses_ && !must_pause()) {
        pauses_ = false;
        if (socket_.may_be_read())
            socket_.read_on_later();
    }
    changed_.open();
}

/// Lines are taken where they were read; only the start of one that is not whole is kept.
void Session::take(std::string_view bytes)
{
    if (input_.empty()) {
        input_ = bytes.substr(take_lines(bytes));
    } else {
        input_ += bytes;
        input_.erase(0, take_lines(input_));
    }
    scanned_ = input_.size();
    if (takes_requests_ && input_.size() > Line::max_bytes)
        take_line(input_);
}

/// Takes the whole lines of `bytes`, and says how long they are together.
std::size_t Session::take_lines(std::string_view bytes)
{
    std::size_t start = 0;
    while (takes_requests_) {
        const std::size_t end = bytes.find('\n', std::max(start, scanned_));
        if (end == std::string_view::npos)
            break;
        take_line(bytes.substr(start, end - start));
        start = end + 1;
    }
    return start;
}

void Session::take_line(std::string_view text)
{
    if (text.ends_with('\r'))
        text.remove_suffix(1);
    if (text.size() > Line::max_bytes) {
        takes_requests_ = false;
        answer_fault("null", {RpcError::invalid_request, "a line holds at most 64 KiB"}, nullptr);
        return;
    }
    if (text.empty())
        return;

    Line line = read_line(text);
    if (line.fault) {
        answer_fault("null", *std::move(line.fault), nullptr);
        return;
    }
    if (!line.is_batch) {
        take_request(std::move(line.requests.front()), nullptr);
        return;
    }
    const auto batch = std::make_shared<Batch>();
    batch->unanswered = line.requests.size();
    for (Request& request : line.requests)
        take_request(std::move(request), batch);
}

flow::CallFlow::Begun Session::begin(Request& request) const
{
    if (auto* route = std::get_if<RouteRequest>(&request.asks))
        return flow::CallFlow::begin(std::move(*route), services_.snapshot);
    if (const auto* next = std::get_if<ContinueRequest>(&request.asks))
        return flow::CallFlow::resume(*next, services_.snapshot);
    return std::get<Fault>(std::move(request.asks));
}

void Session::take_request(Request&& request, const std::shared_ptr<Batch>& batch)
{
    auto begun = begin(request);
    if (!begun)
        return answer_fault(request.id, std::move(begun).error(), batch.get());

    flow::CallFlow& flow = **begun;
    if (!std::holds_alternative<flow::Ask>(flow.next())) {
        answer_call(flow, request.id, batch.get());
    } else if (calls_under_way_ == max_calls) {
        auto refused = std::make_unique<dispatch::Fired>(Decision::failure(Reason::overload));
        refused->decision.detail = "this engine has 16384 calls in flight";
        flow.webhook_answered(std::move(refused));
        answer_call(flow, request.id, batch.get());
    } else {
        ask({*std::move(begun), std::move(request.id), batch});
    }
}

void Session::ask(WaitingCall call)
{
    if (resting_.empty()) {
        boost::asio::co_spawn(services_.context, serve(shared_from_this(), std::move(call)), boost::asio::detached);
        return;
    }
    Server& server = *resting_.back();
    resting_.pop_back();
    server.call = std::move(call);
    server.next.open();
}

net::Awaitable<void> Session::serve([[maybe_unused]] std::shared_ptr<Session> self, WaitingCall first)
{
    Server server{std::move(first), {}};
    while (!gone_) {
        {
            flow::CallFlow& flow = *server.call.flow;
            UnderWay call(*this, server.call.id.size());
            auto result = co_await services_.dispatcher.fire(*flow.snapshot(), *flow.webhook(), flow.dispatch_request(),
                                                             call.stop);
            if (call.stop.cause() == net::StopCause::abandoned) {
                services_.tally.abandoned.add();
            } else {
                flow.webhook_answered(std::move(result));
                answer_call(flow, server.call.id, server.call.batch.get());
            }
        }
        server.call = {};
        changed();
        if (gone_ || resting_.size() == most_resting)
            co_return;
        resting_.push_back(&server);
        co_await server.next.wait();
    }
}

void Session::answer_call(const flow::CallFlow& flow, std::string_view id, Batch* batch)
{
    if (const auto* route = std::get_if<flow::Answer>(&flow.next()))
        services_.conclude(flow, *route);
    answer(batch, [&](std::string& out) {
        if (!id.empty())
            append_answer(out, id, flow);
    });
}

void Session::answer_fault(std::string_view id, Fault fault, Batch* batch)
{
    fault.message += fault.remedy;
    fault.message += services_.refuse("request refused", fault.code, fault.message,
                                      fault.about == nullptr ? dispatch::Refused() : *fault.about);
    answer(batch, [&](std::string& out) {
        if (!id.empty())
            append_error(out, id, fault);
    });
}

/// `append` adds nothing for a notification, which is not answered.
template <class Append>
void Session::answer(Batch* batch, Append append)
{
    if (gone_)
        return;
    std::string& out = batch == nullptr ? output_ : batch->answers;
    const std::size_t before = out.size();
    if (batch != nullptr && !out.empty())
        out += ',';
    const std::size_t start = out.size();
    append(out);
    if (out.size() == start)
        out.resize(before);

    if (batch != nullptr)
        held_ += out.size() - before;
    if (batch != nullptr && --batch->unanswered == 0)
        finish_batch(*batch);
    else if (batch == nullptr && out.size() != start)
        output_ += '\n';
    if (unsent() != 0)
        schedule_flush();
}

void Session::finish_batch(Batch& batch)
{
    held_ -= batch.answers.size();
    if (batch.answers.empty())
        return; // notifications alone
    output_ += '[';
    output_ += batch.answers;
    output_ += "]\n";
}

/// Once for all answers of this turn of the event loop, or of those that the poller takes together.
void Session::schedule_flush()
{
    if (waits_for_room_ || std::exchange(flush_is_scheduled_, true))
        return;
    if (services_.poller.is_telling())
        services_.poller.afterwards(*this);
    else
        boost::asio::post(services_.context, [self = shared_from_this()] { self->after_look(); });
}

void Session::after_look()
{
    const auto self = shared_from_this();
    flush_is_scheduled_ = false;
    flush();
}

void Session::flush()
{
    net::error_code error;
    for (std::size_t written = 1; !gone_ && unsent() != 0 && written != 0; sent_ += written)
        written = socket_.write(std::string_view(output_).substr(sent_), error);

    if (error) {
        abandon();
        return;
    }
    if (unsent() > unsent_ends) {
        services_.log.write_summed(log::Level::warning, "engine disconnected: it does not read its answers", {});
        abandon();
        return;
    }
    if (unsent() == 0) {
        output_.clear();
        sent_ = 0;
        if (output_.capacity() > kept_capacity)
            output_.shrink_to_fit();
    } else if (sent_ > kept_capacity) {
        output_.erase(0, std::exchange(sent_, 0));
    }
    if (unsent() != 0) {
        waits_for_room_ = true;
        socket_.await_room();
    }
    changed();
}

bool Session::must_pause() const
{
    return unsent() > unsent_pauses || held_ > held_pauses;
}

net::Awaitable<void> Session::until_all_is_answered()
{
    while (!gone_ && (calls_under_way_ != 0 || unsent() != 0 || flush_is_scheduled_))
        co_await changed_.wait();
}

/// A half-closed engine still wants its answers; one that closed both ways does not (EPOLLHUP).
void Session::watch_for_hangup()
{
    watches_for_hangup_ = true;
    if (socket_.has_hung_up())
        abandon();
}

void Session::stop_reading()
{
    // The read under way ends as if the engine had closed its side; what the kernel holds already is still read. A line
    // that this cuts off counts as unread: the engine's write failed, and it asks the next daemon.
    stops_reading_ = true;
    socket_.stop_reading();
}

void Session::stop_calls(net::StopCause cause)
{
    // Each stop may end its call at once, which then takes itself off the list.
    while (!calls_.empty()) {
        UnderWay& call = calls_.front();
        calls_.pop_front();
        call.stop.request(cause);
    }
}

void Session::abandon()
{
    if (gone_)
        return;
    gone_ = true;
    const auto self = shared_from_this();
    socket_.close();
    stop_calls(net::StopCause::abandoned);
    end_servers();
    end_reading();
    changed();
}

void Session::end_servers()
{
    for (Server* const server : std::exchange(resting_, {}))
        server->next.open(); // it sees that the engine is gone
}

} // namespace dialhook::engine
