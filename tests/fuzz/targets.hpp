#pragma once

#include <array>
#include <string_view>

/// What hostile input is made for. Each takes any bytes, and calls `require` for what must hold of them.
namespace dialhook::fuzz {

void agi(std::string_view input);
void configuration(std::string_view input);
void dial_text(std::string_view input);
void dns_answer(std::string_view input);
void engine_http(std::string_view input);
void hosts_file(std::string_view input);
void http_exchange(std::string_view input);
void json_line(std::string_view input);
void json_reply(std::string_view input);
void kept_connection(std::string_view input);
void nats_server(std::string_view input);
void redirect(std::string_view input);
void reply(std::string_view input);
void state(std::string_view input);
void text_reply(std::string_view input);
void tunnel(std::string_view input);
void url_template(std::string_view input);

struct Target
{
    std::string_view name; ///< also of its folder in corpus/
    void (*run)(std::string_view input);
};

inline constexpr std::array targets{
    Target{"agi", agi},
    Target{"configuration", configuration},
    Target{"dial_text", dial_text},
    Target{"dns_answer", dns_answer},
    Target{"engine_http", engine_http},
    Target{"hosts_file", hosts_file},
    Target{"http_exchange", http_exchange},
    Target{"json_line", json_line},
    Target{"json_reply", json_reply},
    Target{"kept_connection", kept_connection},
    Target{"nats_server", nats_server},
    Target{"redirect", redirect},
    Target{"reply", reply},
    Target{"state", state},
    Target{"text_reply", text_reply},
    Target{"tunnel", tunnel},
    Target{"url_template", url_template},
};

} // namespace dialhook::fuzz
