#include "api/http/pages.hpp"

#include "api/http/page/built_in.hpp"
#include "base/base64.hpp"

#include <openssl/sha.h>

#include <array>

namespace dialhook::status {
namespace {

/// Returns how a content security policy names a text (CSP level 3, 2.3.1).
std::string hash_of(std::string_view text)
{
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
    return "'sha256-" + base64::encoded(bytes, base64::Form::padded) + "'";
}

void fill_in(std::string& page, std::string_view mark, std::string_view text)
{
    page.replace(page.find(mark), mark.size(), text);
}

Page make_status_page()
{
    Page page;
    page.type = "text/html; charset=utf-8";
    page.body = page_html();
    fill_in(page.body, "/*STYLE*/", page_css());
    fill_in(page.body, "/*SCRIPT*/", page_js());
    page.content_security_policy = "default-src 'none'; style-src " + hash_of(page_css()) + "; script-src " +
                                   hash_of(page_js()) +
                                   "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                                   "frame-ancestors 'none'";
    return page;
}

} // namespace

Page head_too_long()
{
    return {.status = 431, .body = "The head is at most 8 KiB long.\n"};
}

Page body_not_wanted()
{
    return {.status = 400, .body = "A request here has no body.\n"};
}

Page wrong_method()
{
    return {.status = 405, .body = "Only GET and HEAD are supported.\n", .lists_methods = true};
}

Page not_found()
{
    return {.status = 404, .body = "Not found. There are / (the status page), /metrics and /healthz.\n"};
}

Page foreign_host()
{
    return {.status = 421,
            .body = "The status page is not served under this name, so that no other web site can read it. Ask for it "
                    "by an address or by the name of this host, or add the name to server.http_hosts in "
                    "dialhook.yaml and reload.\n"};
}

Page too_many_watchers()
{
    return {.status = 503, .body = "Too many status pages are open.\n"};
}

Page health(bool is_draining)
{
    if (is_draining)
        return {.status = 503, .body = "draining: new calls are not accepted\n"};
    return {.body = "ok\n"};
}

const Page& status_page()
{
    static const Page page = make_status_page();
    return page;
}

} // namespace dialhook::status
