#pragma once

#include "config/schema_values.hpp"
#include "yaml/shown.hpp"
#include "yaml/times.hpp"
#include "yaml/value.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dialhook::config {

/// One key as the manual shows it.
struct KeyRow
{
    std::string_view name;
    std::string type;
    std::string default_value; ///< Markdown, as are the next two
    std::string range;         ///< empty: whatever the type allows
    std::string meaning;       ///< one sentence
    std::string schema = {};   ///< JSON Schema of its values; empty: that of its type
};

/// Adds a fault that names the nearest key, or where `unknown` does belong, or all keys there are.
void name_unknown_key(const Value& unknown, const std::vector<std::string_view>& known);

/// The words of a setting with a fixed choice, and what each stands for.
template <class Enum, std::size_t Count>
struct Choices
{
    std::array<std::string_view, Count> words;
    std::array<Enum, Count> meanings;

    std::string_view word_for(Enum meaning) const
    {
        for (std::size_t i = 0; i < Count; ++i)
            if (meanings[i] == meaning)
                return words[i];
        return {};
    }
};

/// The keys of one mapping: what each is called, what it means, and how it is read into a `Target`. Everything that is
/// known of a key stands in its row; defaults come from a default-constructed `Target`.
template <class Target>
class KeyTable
{
public:
    using Read = std::function<void(const Value&, Target&)>;

    /// Adds a key with a reader of its own.
    KeyTable& key(KeyRow row, Read read)
    {
        names_.push_back(row.name);
        rows_.push_back(std::move(row));
        readers_.push_back(std::move(read));
        return *this;
    }

    template <class Owner>
    KeyTable& time(std::string_view name, std::chrono::milliseconds Owner::*member, std::chrono::milliseconds min,
                   std::string meaning)
    {
        return key({name, "time", code(show(Target{}.*member)), show(min) + " to " + show(max_time), std::move(meaning),
                    time_schema(min)},
                   [member, min](const Value& value, Target& target) {
                       if (const auto time = value.time(min, max_time))
                           target.*member = *time;
                   });
    }

    template <class Owner, class Integer>
    KeyTable& number(std::string_view name, Integer Owner::*member, Integer min, Integer max, std::string meaning)
    {
        return key({name, "number", code(std::to_string(Target{}.*member)), grouped(min) + " to " + grouped(max),
                    std::move(meaning), number_schema(min, max)},
                   [member, min, max](const Value& value, Target& target) {
                       if (const auto number = value.whole_number(min, max))
                           target.*member = static_cast<Integer>(*number);
                   });
    }

    template <class Owner>
    KeyTable& boolean(std::string_view name, bool Owner::*member, std::string meaning)
    {
        return key({name, "boolean", code(Target{}.*member ? "true" : "false"), "`true`, `false`", std::move(meaning)},
                   [member](const Value& value, Target& target) {
                       if (const auto boolean = value.boolean())
                           target.*member = *boolean;
                   });
    }

    template <class Owner, class Enum, std::size_t Count>
    KeyTable& choice(std::string_view name, Enum Owner::*member, const Choices<Enum, Count>& choices,
                     std::string meaning)
    {
        std::string range;
        for (const auto word : choices.words)
            range.append(range.empty() ? "" : ", ").append(code(word));
        return key({name, "word", code(choices.word_for(Target{}.*member)), range, std::move(meaning),
                    choice_schema(choices.words)},
                   [member, choices](const Value& value, Target& target) {
                       if (const auto chosen = value.choice(choices.words))
                           target.*member = choices.meanings[*chosen];
                   });
    }

    /// Reads what `mapping` says over what `target` holds; unknown keys are faults. False: it is no mapping.
    bool read(const Value& mapping, Target& target) const
    {
        return mapping.each_entry([&](const Value& value) {
            for (std::size_t i = 0; i < names_.size(); ++i)
                if (names_[i] == value.name())
                    return readers_[i](value, target);
            name_unknown_key(value, names_);
        });
    }

    const std::vector<KeyRow>& rows() const { return rows_; }

private:
    std::vector<std::string_view> names_;
    std::vector<KeyRow> rows_;
    std::vector<Read> readers_;
};

} // namespace dialhook::config
