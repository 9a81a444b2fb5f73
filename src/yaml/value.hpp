#pragma once

#include "yaml/document.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dialhook::config {

/// One file while it is read.
struct OpenFile
{
    const SourceFile& source;
    const Document& document;
    FaultList& faults;
};

/// A value in a file together with the way to it (`server.log.level`), read as what the caller expects.
///
/// Each reading function returns nothing and adds a fault when it is something else. A child refers to its parent,
/// which has to live as long.
class Value
{
public:
    /// The outermost value of `file`.
    explicit Value(const OpenFile& file)
        : Value(file, nullptr, nullptr, file.document.root())
    {
    }

    /// Returns the key of this value; empty for the outermost value and in a list.
    std::string_view name() const { return key_ == nullptr ? std::string_view() : key_->text(); }
    /// Returns `webhooks.crm.timeout`, as faults begin.
    std::string path() const;
    FileNumber file() const { return file_->source.number(); }
    Mark mark() const { return node_->mark; }
    Mark key_mark() const { return key_ == nullptr ? node_->mark : key_->mark; }

    void fault(std::string_view message) const { fault_at(node_->mark, message); }
    /// Does the same, with the next two, for what is probably not meant.
    void warn(std::string_view message) const { warn_at(node_->mark, message); }
    void warn_of_key(std::string_view message) const;
    void warn_in_text(std::size_t offset, std::string_view message) const;
    void fault_at_key(std::string_view message) const { fault_at(key_mark(), message); }
    /// Adds a fault of the key itself: begins with the path to the mapping that it stands in.
    void fault_of_key(std::string_view message) const;
    /// Adds a fault at byte `offset` of a scalar's text.
    void fault_in_text(std::size_t offset, std::string_view message) const;
    /// Adds `found …, expected …`. What a scalar says is shown; never use it where a secret may stand.
    void unexpected(std::string_view expected) const;

    /// Returns `; there is U+00A0 (NO-BREAK SPACE) in it, …`, to end a fault of a text that may hold nothing like it;
    /// empty if it does not.
    std::string odd_character() const;
    std::string odd_character_in_key() const;

    NodeKind kind() const { return node_->kind; }
    /// Returns whether it is a scalar without quotes.
    bool is_plain() const { return node_->plain; }
    bool is_scalar() const { return node_->kind == NodeKind::scalar; }
    bool is_text(std::string_view text) const { return is_scalar() && node_->text() == text; }
    bool is_empty_list() const { return node_->kind == NodeKind::list && node_->size == 0; }
    bool is_nothing() const;

    /// Returns what a scalar says, whatever it may be; empty for anything else.
    std::string_view written() const { return is_scalar() ? node_->text() : std::string_view(); }

    /// Returns a scalar as it is written, quoted or not. `expected` describes it in a fault.
    std::optional<std::string_view> text(std::string_view expected) const;
    std::optional<bool> boolean() const;
    std::optional<std::int64_t> whole_number(std::int64_t min, std::int64_t max) const;
    std::optional<std::chrono::milliseconds> time(std::chrono::milliseconds min, std::chrono::milliseconds max) const;
    /// Returns the position of the scalar in `words`.
    std::optional<std::size_t> choice(std::span<const std::string_view> words) const;

    /// Returns how many keys a mapping has.
    std::size_t entries() const { return node_->kind == NodeKind::mapping ? node_->size / 2 : 0; }
    /// Returns the value of `key` in a mapping.
    std::optional<Value> entry(std::string_view key) const;

    /// Calls `visit` with each value of a mapping; nothing at all counts as an empty one. False: it is no mapping.
    template <class Visit>
    bool each_entry(Visit visit) const
    {
        if (!expect(NodeKind::mapping, "a mapping (`key: value`)"))
            return false;
        const auto& document = file_->document;
        for (const Node* key = first(); key != nullptr;) {
            const Node& value = *document.next(*key);
            const Node& name = document.resolved(*key);
            if (name.kind == NodeKind::scalar && !(name.plain && name.text() == "<<"))
                visit(Value(*file_, this, &name, document.resolved(value)));
            key = document.next(value);
        }
        return true;
    }

    /// Calls `visit` with each value of a list; nothing at all counts as an empty one. False: it is no list.
    template <class Visit>
    bool each_item(std::string_view expected, Visit visit) const
    {
        if (!expect(NodeKind::list, expected))
            return false;
        const auto& document = file_->document;
        for (const Node* item = first(); item != nullptr; item = document.next(*item))
            visit(Value(*file_, this, nullptr, document.resolved(*item)));
        return true;
    }

private:
    Value(const OpenFile& file, const Value* parent, const Node* key, const Node& node)
        : file_(&file)
        , parent_(parent)
        , key_(key)
        , node_(&node)
    {
    }

    const Node* first() const { return is_scalar() ? nullptr : file_->document.first(*node_); }
    bool expect(NodeKind kind, std::string_view expected) const;
    void fault_at(Mark mark, std::string_view message) const;
    void warn_at(Mark mark, std::string_view message) const;
    std::string with_path(std::string_view message) const;
    std::string odd_character_of(const Node& scalar) const;
    std::string found() const;
    std::string found_kind() const;

    const OpenFile* file_;
    const Value* parent_;
    const Node* key_;
    const Node* node_;
};

} // namespace dialhook::config
