#include "yaml/value.hpp"

#include "base/ascii.hpp"
#include "base/lookalike.hpp"
#include "base/spelling.hpp"
#include "yaml/scalars.hpp"
#include "yaml/shown.hpp"
#include "yaml/times.hpp"

#include <algorithm>

namespace dialhook::config {
namespace {

/// Returns a key as a part of a path; one that would be unclear there in quotes.
std::string step(std::string_view name)
{
    const auto is_clear = [](char c) { return ascii::is_alphanumeric(c) || c == '_' || c == '-'; };
    const bool clear = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, is_clear);
    return clear ? std::string(name) : in_quotes(name);
}

} // namespace

std::string Value::path() const
{
    std::string path = parent_ == nullptr ? std::string() : parent_->path();
    if (key_ == nullptr)
        return path;
    return path.empty() ? step(name()) : path + "." + step(name());
}

void Value::fault_at(Mark mark, std::string_view message) const
{
    if (node_->kind != NodeKind::broken)
        file_->faults.add(file(), mark, with_path(message));
}

void Value::warn_at(Mark mark, std::string_view message) const
{
    if (node_->kind != NodeKind::broken)
        file_->faults.warn(file(), mark, with_path(message));
}

std::string Value::with_path(std::string_view message) const
{
    auto text = path();
    if (!text.empty())
        text += ": ";
    return text.append(message);
}

void Value::fault_of_key(std::string_view message) const
{
    if (parent_ == nullptr)
        return fault_at_key(message);
    parent_->fault_at(key_mark(), message);
}

void Value::warn_of_key(std::string_view message) const
{
    (parent_ == nullptr ? this : parent_)->warn_at(key_mark(), message);
}

void Value::warn_in_text(std::size_t offset, std::string_view message) const
{
    warn_at(file_->faults.is_full_of_warnings() ? node_->mark : file_->source.mark_in_scalar(node_->mark, offset),
            message);
}

void Value::fault_in_text(std::size_t offset, std::string_view message) const
{
    fault_at(file_->faults.is_full() ? node_->mark : file_->source.mark_in_scalar(node_->mark, offset), message);
}

std::string Value::odd_character() const
{
    const Node* written = node_;
    if (node_->kind == NodeKind::mapping) // a dash that is none makes a key of a list's item
        written = first() == nullptr ? node_ : &file_->document.resolved(*first());
    return file_->faults.is_full() ? std::string() : odd_character_of(*written);
}

std::string Value::odd_character_in_key() const
{
    return key_ == nullptr || file_->faults.is_full() ? std::string() : odd_character_of(*key_);
}

std::string Value::odd_character_of(const Node& scalar) const
{
    const auto found = scalar.kind == NodeKind::scalar ? first_lookalike(scalar.text()) : std::nullopt;
    if (!found)
        return {};
    const auto place = file_->source.mark_in_scalar(scalar.mark, found->offset);
    const bool is_there = place != scalar.mark || (found->offset == 0 && scalar.plain);
    return "; there is " + name_of(*found) + " in it" +
           (is_there ? ", in column " + std::to_string(place.column) : std::string()) + ": " + remedy(*found);
}

void Value::unexpected(std::string_view expected) const
{
    fault("found " + found() + ", expected " + std::string(expected) + odd_character());
}

bool Value::is_nothing() const
{
    return is_scalar() && node_->plain && is_null(node_->text());
}

/// Returns what it is, but nothing of a text.
std::string Value::found_kind() const
{
    if (node_->kind == NodeKind::list)
        return "a list";
    if (node_->kind == NodeKind::mapping)
        return "a mapping";
    if (is_nothing())
        return "nothing";
    if (node_->plain && to_boolean(node_->text()))
        return std::string(node_->text());
    return node_->plain && is_number(node_->text()) ? "a number" : "a text";
}

std::string Value::found() const
{
    auto kind = found_kind();
    if (kind == "a number")
        return std::string(node_->text());
    return kind == "a text" ? in_quotes(node_->text()) : kind;
}

bool Value::expect(NodeKind kind, std::string_view expected) const
{
    if (node_->kind == kind || is_nothing())
        return true;
    fault("found " + found_kind() + ", expected " + std::string(expected) + odd_character());
    return false;
}

std::optional<Value> Value::entry(std::string_view key) const
{
    std::optional<Value> found;
    if (node_->kind == NodeKind::mapping)
        each_entry([&](const Value& value) {
            if (value.name() == key)
                found = value;
        });
    return found;
}

std::optional<std::string_view> Value::text(std::string_view expected) const
{
    if (is_scalar() && !is_nothing())
        return node_->text();
    fault("found " + found_kind() + ", expected " + std::string(expected) + odd_character());
    return std::nullopt;
}

std::optional<bool> Value::boolean() const
{
    if (is_scalar() && node_->plain)
        if (const auto value = to_boolean(node_->text()))
            return value;
    unexpected("true or false, without quotes");
    return std::nullopt;
}

std::optional<std::int64_t> Value::whole_number(std::int64_t min, std::int64_t max) const
{
    const auto number = is_scalar() ? to_whole_number(node_->text()) : std::nullopt;
    if (number && node_->plain && *number >= min && *number <= max)
        return number;
    unexpected("a whole number from " + grouped(static_cast<std::uint64_t>(min)) + " to " +
               grouped(static_cast<std::uint64_t>(max)) + (number && !node_->plain ? ", without quotes" : ""));
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> Value::time(std::chrono::milliseconds min, std::chrono::milliseconds max) const
{
    const auto written = text(time_examples);
    if (!written)
        return std::nullopt;
    const auto time = parse_time(*written);
    if (time && *time >= min && *time <= max)
        return *time;
    if (!time && time.error() == TimeFault::form)
        unexpected(time_examples);
    else if (!time && time.error() == TimeFault::too_fine)
        unexpected("whole milliseconds");
    else
        unexpected("a time from " + show(min) + " to " + show(max));
    return std::nullopt;
}

std::optional<std::size_t> Value::choice(std::span<const std::string_view> words) const
{
    const auto expected = joined(words, "or");
    const auto written = text(expected);
    if (!written)
        return std::nullopt;
    const auto found = std::ranges::find(words, *written);
    if (found != words.end())
        return static_cast<std::size_t>(found - words.begin());
    unexpected(expected + did_you_mean(without_lookalikes(*written), words));
    return std::nullopt;
}

} // namespace dialhook::config
