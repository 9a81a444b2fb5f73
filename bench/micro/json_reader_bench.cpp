#include "base/json_reader.hpp"

#include <benchmark/benchmark.h>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp> // no further library is linked for it
#include <nlohmann/json.hpp>
#ifdef DIALHOOK_HAS_SIMDJSON
#include <simdjson.h>
#endif

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

/// Our reader of JSON beside those of the libraries, each at the same work: the members of an ordinary call as views,
/// or as copies where the library gives no views. docs/architecture.md ("What we wrote ourselves") has the figures.
namespace {

constexpr std::string_view line =
    R"({"jsonrpc":"2.0","id":7,"method":"call.route","params":{"webhook":"crm","did":"+31502102544",)"
    R"("callerid":"+31612345678","callername":"Jan Jansen","call_id":"1700000000.42"}})";

constexpr std::array<std::string_view, 7> names{"jsonrpc",  "method",     "webhook", "did",
                                                "callerid", "callername", "call_id"};

/// What all three read; a name that none of `names` is, or a value that is no text, is passed over.
struct Call
{
    std::array<std::string_view, names.size()> values;

    std::string_view* place_of(std::string_view name)
    {
        for (std::size_t index = 0; index < names.size(); ++index)
            if (names[index] == name)
                return &values[index];
        return nullptr;
    }

    bool is_whole() const { return values[3] == "+31502102544" && values[6] == "1700000000.42"; }
};

bool read_members(dialhook::JsonReader& json, Call& call)
{
    using Kind = dialhook::JsonReader::Kind;
    dialhook::JsonString name;
    dialhook::JsonString value;
    if (!json.enter())
        return false;
    while (json.more_members(name)) {
        const Kind kind = json.next();
        if (kind == Kind::object) {
            read_members(json, call);
        } else if (std::string_view* const place = call.place_of(name.text); place != nullptr && kind == Kind::string) {
            json.read_string(value);
            *place = value.text;
        } else {
            json.skip();
        }
    }
    return !json.failed();
}

void json_own(benchmark::State& state)
{
    for (auto _ : state) {
        Call call;
        dialhook::JsonReader json(line);
        const bool is_read = read_members(json, call) && json.at_end() && call.is_whole();
        if (!is_read)
            state.SkipWithError("not read");
        benchmark::DoNotOptimize(call);
    }
}
BENCHMARK(json_own);

struct BoostHandler
{
    using Error = boost::json::error_code;
    using View = boost::json::string_view;

    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_object_begin(Error&) { return true; }
    bool on_object_end(std::size_t, Error&) { return true; }
    bool on_array_begin(Error&) { return true; }
    bool on_array_end(std::size_t, Error&) { return true; }
    bool on_key_part(View, std::size_t, Error&) { return true; } // of keys with escapes, which are none of ours
    bool on_key(View key, std::size_t, Error&)
    {
        place = call.place_of({key.data(), key.size()});
        return true;
    }
    bool on_string_part(View, std::size_t, Error&) { return true; }
    bool on_string(View text, std::size_t, Error&)
    {
        if (place != nullptr)
            *place = {text.data(), text.size()};
        return true;
    }
    bool on_number_part(View, Error&) { return true; }
    bool on_int64(std::int64_t, View, Error&) { return true; }
    bool on_uint64(std::uint64_t, View, Error&) { return true; }
    bool on_double(double, View, Error&) { return true; }
    bool on_bool(bool, Error&) { return true; }
    bool on_null(Error&) { return true; }
    bool on_comment_part(View, Error&) { return true; }
    bool on_comment(View, Error&) { return true; }

    Call call;
    std::string_view* place = nullptr;
};

void json_boost(benchmark::State& state)
{
    boost::json::basic_parser<BoostHandler> parser{boost::json::parse_options()};
    for (auto _ : state) {
        parser.reset();
        parser.handler() = BoostHandler();
        boost::json::error_code error;
        const std::size_t size = parser.write_some(false, line.data(), line.size(), error);
        if (error || size != line.size() || !parser.handler().call.is_whole())
            state.SkipWithError("not read");
        benchmark::DoNotOptimize(parser.handler().call);
    }
}
BENCHMARK(json_boost);

/// It hands out its own copies, so they are kept as such.
struct NlohmannHandler : nlohmann::json_sax<nlohmann::json>
{
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t& text) override
    {
        if (place < values.size())
            values[place] = std::move(text);
        return true;
    }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool key(string_t& name) override
    {
        for (place = 0; place < names.size() && names[place] != name;)
            ++place;
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

    std::array<std::string, names.size()> values;
    std::size_t place = names.size();
};

void json_nlohmann(benchmark::State& state)
{
    for (auto _ : state) {
        NlohmannHandler handler;
        const bool is_read = nlohmann::json::sax_parse(line, &handler);
        if (!is_read || handler.values[6] != "1700000000.42")
            state.SkipWithError("not read");
        benchmark::DoNotOptimize(handler.values);
    }
}
BENCHMARK(json_nlohmann);

#ifdef DIALHOOK_HAS_SIMDJSON

bool read_members(simdjson::ondemand::object object, Call& call)
{
    for (auto field : object) {
        std::string_view name;
        simdjson::ondemand::value value;
        simdjson::ondemand::json_type kind{};
        if (field.unescaped_key().get(name) != 0 || field.value().get(value) != 0 || value.type().get(kind) != 0)
            return false;
        if (kind == simdjson::ondemand::json_type::object) {
            simdjson::ondemand::object inner;
            if (value.get_object().get(inner) != 0 || !read_members(inner, call))
                return false;
        } else if (std::string_view* const place = call.place_of(name);
                   place != nullptr && kind == simdjson::ondemand::json_type::string)
        {
            if (value.get_string().get(*place) != 0)
                return false;
        }
    }
    return true;
}

/// It reads 64 bytes beyond the text, which a connection's buffer does not promise: the line is copied first.
void json_simdjson(benchmark::State& state)
{
    simdjson::ondemand::parser parser;
    std::array<char, line.size() + simdjson::SIMDJSON_PADDING> padded{};
    for (auto _ : state) {
        Call call;
        line.copy(padded.data(), line.size());
        simdjson::ondemand::document document;
        simdjson::ondemand::object object;
        const bool is_read = parser.iterate(padded.data(), line.size(), padded.size()).get(document) == 0 &&
                             document.get_object().get(object) == 0 && read_members(object, call) && call.is_whole();
        if (!is_read)
            state.SkipWithError("not read");
        benchmark::DoNotOptimize(call);
    }
}
BENCHMARK(json_simdjson);

#endif

} // namespace
