#include "api/engine_http/http_session.hpp"

#include "api/engine_http/bearer.hpp"
#include "api/rpc/begin_call.hpp"
#include "net/transport/plain_transport.hpp"
#include "net/transport/tls_server.hpp"
#include "net/transport/tls_transport.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace dialhook::engine_http {
namespace {

using namespace std::chrono_literals;

/// From the first byte of a request, or of the handshake, to the last one: drip-feeding does not stretch it.
constexpr auto time_for_request = 10s;
constexpr auto time_for_next_request = 120s; ///< libcurl uses no connection again that was idle for 118 s
constexpr auto time_for_answer = 10s;        ///< until the client has taken all of it
constexpr auto time_to_close = 1s;           ///< for a client that may still be sending what is not read

/// Bytes that a client may send beyond what is answered, before its connection is reset.
constexpr std::size_t max_not_read = 1024UL * 1024;

constexpr unsigned no_token = 401;
constexpr unsigned forbidden = 403;

constexpr std::string_view says_continue = "HTTP/1.1 100 Continue\r\n\r\n";

HttpRefusal stopping_refusal()
{
    return {status_of(RpcError::stopping), {RpcError::stopping, "the daemon is stopping"}};
}

} // namespace

HttpSession::HttpSession(HttpSessions& sessions)
    : sessions_(sessions)
    , services_(sessions.services())
    , limit_(*this)
{
}

net::Awaitable<void> HttpSession::run(std::shared_ptr<HttpSession> self, net::TcpSocket socket)
{
    services_.metrics.engine_connections.add();
    try {
        bool goes_on = co_await open(std::move(socket));
        while (goes_on) {
            co_await serve_one();
            goes_on = stays_ && phase_ != Phase::closed;
        }
    } catch (const std::exception& error) { // memory that runs out ends this connection, not the others
        services_.log.write(log::Level::error, "unexpected exception in a connection of an engine over HTTP",
                            {{"detail", error.what()}});
    }
    close();
    services_.metrics.engine_connections.subtract();
    sessions_.forget(self);
}

/// Returns false if there is no connection to serve.
net::Awaitable<bool> HttpSession::open(net::TcpSocket socket)
{
    net::error_code error;
    socket.set_option(net::asio::ip::tcp::no_delay(true), error);
    is_local_ = socket.local_endpoint(error).address().is_loopback();
    const config::EngineHttpSettings& settings = services_.snapshot->configuration().server.engine_http;
    if (!settings.listen || (!is_local_ && !settings.is_guarded()))
        co_return false; // a reload took away the door or what guarded it; the address stays open until a restart
    limit_to(time_for_request);
    wait_in(sessions_.begun_);
    const auto context = services_.snapshot->engine_tls();
    if (context == nullptr) {
        auto plain = std::make_unique<net::PlainTransport>(services_.poller, std::move(socket));
        const bool is_open = plain->is_open();
        transport_ = std::move(plain);
        if (!is_open)
            co_return false;
    } else {
        net::TlsConnection connection = net::new_tls_server(*context);
        if (connection == nullptr)
            co_return false;
        auto tls = std::make_unique<net::TlsTransport>(services_.poller, std::move(socket), std::move(connection));
        net::TlsTransport& handshaking = *tls;
        transport_ = std::move(tls);
        error = co_await handshaking.handshake();
        if (error)
            co_return false;
        has_certificate_ = SSL_get0_peer_certificate(handshaking.native()) != nullptr;
    }
    if (phase_ == Phase::closed)
        co_return false;
    rest(); // what came with the end of the handshake is a request
    transport_->start({shared_from_this(), this});
    co_return true;
}

/// Waits for the next request.
void HttpSession::rest()
{
    reader_.emplace();
    not_read_ = 0;
    phase_ = Phase::idle;
    limit_to(time_for_next_request);
    wait_in(sessions_.idle_);
}

/// Is, from now on, one of those that may have to make room.
void HttpSession::wait_in(HttpSessions::Waiting& sessions)
{
    WaitingHook::unlink();
    sessions.push_back(*this);
}

/// Returns whether there is nothing to answer yet. Half a request is answered at a stop, which does not wait for the
/// rest of it: that may never come.
bool HttpSession::needs_more() const
{
    const bool is_cut_short = phase_ == Phase::reading && sessions_.is_draining();
    return phase_ != Phase::closed && reader_->state() == RequestReader::State::more && !is_cut_short;
}

net::Awaitable<void> HttpSession::serve_one()
{
    if (phase_ == Phase::answering)
        rest();
    while (needs_more()) {
        co_await changed_.wait();
        if (phase_ == Phase::reading && reader_->must_say_continue())
            co_await send(says_continue);
    }
    if (phase_ == Phase::closed)
        co_return;
    phase_ = Phase::answering;
    WaitingHook::unlink();
    services_.wheel.disarm(limit_);

    Request request;
    HttpAnswer answer;
    if (reader_->state() == RequestReader::State::whole) {
        request = reader_->take();
        stays_ = request.stays && !reader_->is_pipelined();
        answer = co_await answer_to(request);
    } else {
        stays_ = false;
        is_pipelined_ = true; // the rest of it is on its way
        answer = refuse(reader_->state() == RequestReader::State::refused ? reader_->refusal() : stopping_refusal());
    }
    if (phase_ == Phase::closed)
        co_return;
    stays_ = stays_ && !is_pipelined_ && !sessions_.is_draining();
    const std::string text = http_text(
        answer, {.is_form = request.wants_form, .has_body = request.method != Request::Method::head, .stays = stays_});
    limit_to(time_for_answer);
    co_await send(text);
    if (!stays_ && (is_pipelined_ || reader_->is_pipelined()))
        co_await wait_for_end();
}

net::Awaitable<HttpAnswer> HttpSession::answer_to(const Request& request)
{
    if (auto refusal = why_not(request))
        co_return refuse(*std::move(refusal));
    auto asked = read_asked(request);
    if (!asked)
        co_return refuse(std::move(asked).error());
    HttpAnswer answer = co_await take(*std::move(asked));
    co_return answer;
}

/// Returns why the client may not ask.
std::optional<HttpRefusal> HttpSession::why_not(const Request& request) const
{
    // The configuration may be another one than when the connection began.
    const config::EngineHttpSettings& settings = services_.snapshot->configuration().server.engine_http;
    if (!settings.listen)
        return HttpRefusal{forbidden,
                           {RpcError::invalid_request, "the configuration no longer has server.engine_http"}};
    if ((!is_local_ && !settings.is_guarded()) || (!settings.tls.client_ca.empty() && !has_certificate_))
        return HttpRefusal{forbidden, {RpcError::invalid_request, "the configuration has changed; connect anew"}};
    if (!settings.tokens.empty() && !is_bearer_of(request.authorization, settings.tokens))
        return HttpRefusal{no_token,
                           {RpcError::invalid_request, "the request has no `Authorization: Bearer` with a token "
                                                       "of server.engine_http.tokens"}};
    if (request.is_from_browser)
        return HttpRefusal{
            forbidden, {RpcError::invalid_request, "the request has an Origin, so a browser sends it for a web page"}};
    if (sessions_.is_draining())
        return stopping_refusal();
    return std::nullopt;
}

HttpAnswer HttpSession::refuse(HttpRefusal refusal) const
{
    flow::RequestFault& fault = refusal.fault;
    if (fault.code != RpcError::stopping) {
        fault.message += fault.remedy;
        fault.message += services_.refuse("request refused", fault.code, fault.message,
                                          fault.about == nullptr ? dispatch::Refused() : *fault.about);
    }
    return answer_of(refusal);
}

net::Awaitable<HttpAnswer> HttpSession::take(rpc::Asked asked)
{
    if (auto* const report = std::get_if<rpc::EventReport>(&asked)) {
        HttpAnswer answer = co_await store(std::move(**report));
        co_return answer;
    }
    auto begun = rpc::begin_call(asked, services_);
    if (!begun) {
        const RpcError code = begun.error().code;
        co_return refuse({status_of(code), std::move(begun).error()});
    }
    flow::CallFlow& flow = **begun;
    if (std::holds_alternative<flow::Ask>(flow.next()))
        co_await ask(flow);
    if (const auto* route = std::get_if<flow::Answer>(&flow.next()))
        services_.conclude(flow, *route);
    co_return answer_of(flow);
}

net::Awaitable<void> HttpSession::ask(flow::CallFlow& flow)
{
    net::Cancellation cancellation;
    cancellation_ = &cancellation;
    services_.metrics.in_flight.add();
    auto result = co_await services_.dispatcher.dispatch(*flow.snapshot(), *flow.webhook(), flow.dispatch_request(),
                                                         cancellation);
    services_.metrics.in_flight.subtract();
    cancellation_ = nullptr;
    if (cancellation.reason() == net::CancelReason::abandoned) {
        services_.metrics.abandoned.add();
        flow.ended();
    } else {
        flow.webhook_answered(std::move(result));
    }
}

/// The client may be gone before the disk has it: then it is stored all the same.
net::Awaitable<HttpAnswer> HttpSession::store(events::Report report)
{
    stored_.reset();
    services_.report(std::move(report), [session = weak_from_this()](spool::Stored stored, const std::string& why) {
        if (const auto alive = session.lock()) {
            alive->stored_ = stored;
            alive->why_not_stored_ = why;
            alive->changed_.set();
        }
    });
    while (!stored_ && phase_ != Phase::closed)
        co_await changed_.wait();
    if (stored_ && *stored_ == spool::Stored::failed)
        co_return answer_of(HttpRefusal{status_of(RpcError::not_stored), api::not_stored(why_not_stored_)});
    co_return stored_answer();
}

net::Awaitable<void> HttpSession::send(std::string_view text)
{
    text.remove_prefix(transport_->write_at_once(text));
    while (!text.empty() && phase_ != Phase::closed) {
        const std::size_t written = co_await transport_->write_some(text);
        if (written == 0)
            close();
        text.remove_prefix(written);
    }
}

/// To close while the client sends would reset the connection, and it might lose the answer.
net::Awaitable<void> HttpSession::wait_for_end()
{
    limit_to(time_to_close);
    wait_in(sessions_.begun_);
    while (phase_ != Phase::closed)
        co_await changed_.wait();
}

void HttpSession::limit_to(std::chrono::seconds time)
{
    services_.wheel.arm(limit_, net::Clock::now() + time);
}

void HttpSession::received(std::string_view bytes)
{
    if (phase_ != Phase::idle && phase_ != Phase::reading) {
        reader_->feed(bytes);
        is_pipelined_ = is_pipelined_ || reader_->is_pipelined();
        not_read_ += bytes.size();
        if (not_read_ > max_not_read)
            close();
        return;
    }
    reader_->feed(bytes);
    if (phase_ == Phase::idle && reader_->has_begun()) {
        phase_ = Phase::reading;
        limit_to(time_for_request);
        wait_in(sessions_.begun_);
    } else if (phase_ == Phase::idle && sessions_.is_draining()) { // what `drain` left open brought an empty line
        close();
    }
}

/// A client that closes only its sending side cannot be told from one that is gone.
void HttpSession::ended([[maybe_unused]] net::error_code error)
{
    close();
}

void HttpSession::proceed()
{
    if (phase_ == Phase::reading)
        changed_.set();
}

void HttpSession::drain()
{
    if (phase_ == Phase::reading)
        changed_.set();
    else if (phase_ == Phase::opening || (phase_ == Phase::idle && transport_->is_silent(true)))
        close();
}

void HttpSession::cancel_calls(net::CancelReason reason)
{
    if (cancellation_ != nullptr)
        cancellation_->request(reason);
}

void HttpSession::close()
{
    if (phase_ == Phase::closed)
        return;
    const auto self = shared_from_this();
    phase_ = Phase::closed;
    WaitingHook::unlink();
    services_.wheel.disarm(limit_);
    if (transport_)
        transport_->close(net::Ending::orderly);
    if (cancellation_ != nullptr)
        cancellation_->request(net::CancelReason::abandoned);
    changed_.set();
}

} // namespace dialhook::engine_http
