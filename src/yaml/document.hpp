#pragma once

#include "yaml/fault_list.hpp"
#include "yaml/source_file.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

namespace dialhook::config {

enum class NodeKind : unsigned char
{
    scalar,
    list,
    mapping,
    alias,
    broken ///< its fault is already known; readers stay silent
};

/// One value of a YAML document. Nodes lie in one array in the order of the text: the first child of a node is the
/// node after it, and `next` leads on to its siblings. The children of a mapping are key, value, key, value.
struct Node
{
    const char* data = nullptr; ///< of a scalar
    std::uint32_t size = 0;     ///< bytes of a scalar; children of a list; keys and values of a mapping
    std::uint32_t target = 0;   ///< of an alias: the node that it stands for
    std::uint32_t next = 0;     ///< 0: this is the last one
    Mark mark;
    NodeKind kind = NodeKind::scalar;
    bool plain = false; ///< a scalar without quotes, which YAML's core schema may take for a number and the like

    std::string_view text() const { return {data, size}; }
};

/// What a file is for, as the faults of its YAML say it.
struct DocumentWords
{
    std::string_view empty = "the file is empty; a configuration has at least `webhooks:`";
    std::string_view second = "a configuration file holds one, so remove the `---` or move what follows to a file of "
                              "its own under `include`";
    std::string_view merge_key = "put what webhooks have in common under `defaults:`";
};

/// A YAML document as a tree. It lives no longer than the `SourceFile` it was read from, whose bytes it shows where it
/// can.
class Document
{
public:
    /// What aliases may stand for, all together, counted as if it were written out: a "billion laughs" is more.
    static constexpr std::uint64_t max_by_alias = 10'000'000;
    static constexpr std::size_t deepest = 64;

    /// Reads `source`. Faults of the YAML itself go to `faults`; nullopt if they leave no tree to go on with.
    static std::optional<Document> parse(const SourceFile& source, FaultList& faults, const DocumentWords& words = {});

    /// Returns the outermost node.
    const Node& root() const { return nodes_.front(); }

    /// Returns `node`, or what it stands for.
    const Node& resolved(const Node& node) const { return node.kind == NodeKind::alias ? nodes_[node.target] : node; }

    /// Returns the first child of a list or mapping, or null.
    const Node* first(const Node& parent) const { return parent.size == 0 ? nullptr : &parent + 1; }
    const Node* next(const Node& node) const { return node.next == 0 ? nullptr : &nodes_[node.next]; }

private:
    friend class DocumentBuilder;

    std::unique_ptr<std::pmr::monotonic_buffer_resource> copied_; ///< scalars that differ from how they are written
    std::vector<Node> nodes_;
};

} // namespace dialhook::config
