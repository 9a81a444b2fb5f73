#include "yaml/document.hpp"

#include "base/pace.hpp"
#include "base/text.hpp"
#include "yaml/scalars.hpp"
#include "yaml/shown.hpp"
#include "yaml/yaml_events.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <unordered_map>
#include <utility>

namespace dialhook::config {

/// Turns libyaml's events into the array of nodes. Each step says whether it makes sense to go on.
class DocumentBuilder
{
public:
    DocumentBuilder(const SourceFile& source, FaultList& faults, const DocumentWords& words)
        : source_(source)
        , faults_(faults)
        , words_(words)
    {
        document_.copied_ = std::make_unique<std::pmr::monotonic_buffer_resource>();
        document_.nodes_.reserve(source.text().size() / 10 + 16);
    }

    std::optional<Document> build();

private:
    using Index = std::uint32_t;

    /// A list or mapping that is not closed yet.
    struct Open
    {
        Index node;
        Index last_child = 0;
        std::uint64_t expanded = 1; ///< nodes in it, aliases written out
        std::size_t depth = 1;      ///< levels of lists and mappings, itself and what aliases stand for among them
        std::string anchor;
    };

    struct Anchor
    {
        Index node;
        std::uint64_t expanded = 0; ///< 0: it is still open
        std::size_t depth = 0;      ///< as of `Open`; a scalar has none
    };

    bool take(const yaml_event_t& event);
    bool start_document(const yaml_event_t& event);
    bool add_scalar(const yaml_event_t& event);
    bool add_alias(const yaml_event_t& event);
    bool open(const yaml_event_t& event, NodeKind kind, const unsigned char* anchor, const unsigned char* tag);
    void close();

    Index append(const yaml_event_t& event, NodeKind kind, std::uint64_t expanded);
    void deepen(std::size_t depth_of_child);
    void check_tag(const unsigned char* tag, const Node& node, std::string_view allowed);
    void remember(const unsigned char* anchor, Index node, std::uint64_t expanded);
    void check_keys(const Node& mapping);
    void check_key(const Node& key);
    void name_duplicate(std::string_view text, const Node& key, const Node& first);
    std::string_view kept(const yaml_event_t& event);

    bool fault(Mark mark, std::string message)
    {
        faults_.add(source_.number(), mark, std::move(message));
        return false;
    }

    const SourceFile& source_;
    FaultList& faults_;
    const DocumentWords& words_;
    Document document_;
    std::vector<Open> open_;
    std::unordered_map<std::string, Anchor> anchors_;
    std::uint64_t by_alias_ = 0;
};

std::optional<Document> DocumentBuilder::build()
{
    YamlEvents events(source_);
    for (bool more = true; more;) {
        Pace::between_pieces();
        YamlEvent event;
        if (!events.next(event)) {
            fault(events.error_mark(), events.error_message());
            return std::nullopt;
        }
        if (!take(*event))
            return std::nullopt;
        more = event->type != YAML_STREAM_END_EVENT;
    }
    const bool is_empty = document_.nodes_.empty() || (document_.root().plain && is_null(document_.root().text()));
    if (is_empty) {
        fault({1, 1}, std::string(words_.empty));
        return std::nullopt;
    }
    return std::move(document_);
}

bool DocumentBuilder::take(const yaml_event_t& event)
{
    switch (event.type) {
    case YAML_DOCUMENT_START_EVENT:
        return start_document(event);
    case YAML_SCALAR_EVENT:
        return add_scalar(event);
    case YAML_ALIAS_EVENT:
        return add_alias(event);
    case YAML_SEQUENCE_START_EVENT:
        return open(event, NodeKind::list, event.data.sequence_start.anchor, event.data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return open(event, NodeKind::mapping, event.data.mapping_start.anchor, event.data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close();
        return true;
    default:
        return true;
    }
}

bool DocumentBuilder::start_document(const yaml_event_t& event)
{
    if (document_.nodes_.empty())
        return true;
    return fault(mark_of(event.start_mark), "a second document begins here; " + std::string(words_.second));
}

/// Returns the value of a scalar: the file's own bytes where they are the same, else a copy.
std::string_view DocumentBuilder::kept(const yaml_event_t& event)
{
    const std::string_view value(reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length);
    // Marks count code points, so this guess is right in ASCII files; wrong guesses cost a comparison.
    const std::size_t quote = event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? 0 : 1;
    const auto guess = std::min(event.start_mark.index + quote, source_.text().size());
    const auto written = source_.text().substr(guess, value.size());
    if (written == value)
        return written;

    auto* const copy = static_cast<char*>(document_.copied_->allocate(std::max<std::size_t>(value.size(), 1), 1));
    std::memcpy(copy, value.data(), value.size());
    return {copy, value.size()};
}

bool DocumentBuilder::add_scalar(const yaml_event_t& event)
{
    const auto& scalar = event.data.scalar;
    const auto value = kept(event);
    const auto index = append(event, NodeKind::scalar, 1);
    auto& node = document_.nodes_[index];
    node.data = value.data();
    node.size = static_cast<std::uint32_t>(value.size());
    node.plain = scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.tag == nullptr;
    check_tag(scalar.tag, node, "!!str");
    remember(scalar.anchor, index, 1);
    return true;
}

bool DocumentBuilder::add_alias(const yaml_event_t& event)
{
    const std::string name(reinterpret_cast<const char*>(event.data.alias.anchor));
    const auto mark = mark_of(event.start_mark);
    const auto anchor = anchors_.find(name);
    if (anchor == anchors_.end() || anchor->second.expanded == 0) {
        append(event, NodeKind::broken, 1);
        // Without its name: a password that begins with * looks like an alias.
        fault(mark, anchor == anchors_.end()
                        ? "there is no anchor of this name before this alias; put quotes around a text that begins "
                          "with *"
                        : "this alias is inside its own anchor, and so would never end");
        return true;
    }

    by_alias_ += anchor->second.expanded;
    if (by_alias_ > Document::max_by_alias)
        return fault(mark, "aliases expand to more than " + grouped(Document::max_by_alias) +
                               " values; write a file this large without them");
    // Whoever reads the tree calls itself for each level, whether it was written here or there.
    const std::size_t depth = anchor->second.depth;
    if (open_.size() + depth > Document::deepest)
        return fault(mark, "with what this alias stands for, lists and mappings are nested more than " +
                               std::to_string(Document::deepest) + " deep here");
    deepen(depth);
    const auto index = append(event, NodeKind::alias, anchor->second.expanded);
    document_.nodes_[index].target = anchor->second.node;
    return true;
}

bool DocumentBuilder::open(const yaml_event_t& event, NodeKind kind, const unsigned char* anchor,
                           const unsigned char* tag)
{
    if (open_.size() >= Document::deepest)
        return fault(mark_of(event.start_mark),
                     "lists and mappings are nested more than " + std::to_string(Document::deepest) + " deep here");
    const auto index = append(event, kind, 1);
    check_tag(tag, document_.nodes_[index], kind == NodeKind::list ? "!!seq" : "!!map");
    remember(anchor, index, 0);
    open_.push_back(
        {index, 0, 1, 1, anchor == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(anchor))});
    return true;
}

void DocumentBuilder::close()
{
    const auto closed = std::move(open_.back());
    open_.pop_back();
    const auto& node = document_.nodes_[closed.node];
    if (node.kind == NodeKind::mapping)
        check_keys(node);
    if (!open_.empty())
        open_.back().expanded += closed.expanded - 1; // one was counted when it was appended
    deepen(closed.depth);
    if (!closed.anchor.empty())
        anchors_.insert_or_assign(closed.anchor, Anchor{closed.node, closed.expanded, closed.depth});
}

/// The innermost one that is open holds something of this depth.
void DocumentBuilder::deepen(std::size_t depth_of_child)
{
    if (!open_.empty())
        open_.back().depth = std::max(open_.back().depth, depth_of_child + 1);
}

DocumentBuilder::Index DocumentBuilder::append(const yaml_event_t& event, NodeKind kind, std::uint64_t expanded)
{
    auto& nodes = document_.nodes_;
    const auto index = static_cast<Index>(nodes.size());
    auto& node = nodes.emplace_back();
    node.kind = kind;
    node.mark = mark_of(event.start_mark);
    if (open_.empty())
        return index;

    auto& parent = open_.back();
    if (parent.last_child != 0)
        nodes[parent.last_child].next = index;
    parent.last_child = index;
    parent.expanded += expanded;
    ++nodes[parent.node].size;
    return index;
}

void DocumentBuilder::check_tag(const unsigned char* tag, const Node& node, std::string_view allowed)
{
    if (tag == nullptr)
        return;
    constexpr std::string_view yaml_org = "tag:yaml.org,2002:";
    std::string name(reinterpret_cast<const char*>(tag));
    if (name.starts_with(yaml_org))
        name.replace(0, yaml_org.size(), "!!");
    if (name != "!" && name != allowed) // not shown: a password that begins with ! looks like a tag
        fault(node.mark, "this tag has no meaning here; remove it, or put quotes around a text that begins with !");
}

void DocumentBuilder::remember(const unsigned char* anchor, Index node, std::uint64_t expanded)
{
    if (anchor != nullptr)
        anchors_.insert_or_assign(reinterpret_cast<const char*>(anchor), Anchor{node, expanded, 0});
}

void DocumentBuilder::check_key(const Node& key)
{
    if (key.kind == NodeKind::list || key.kind == NodeKind::mapping)
        fault(key.mark, std::string("found ") + (key.kind == NodeKind::list ? "a list" : "a mapping") +
                            " as a key, expected a text; put quotes around a key that begins with [ or {");
    else if (key.plain && key.text() == "<<")
        fault(key.mark, "merge keys (<<) do not exist in YAML 1.2; " + std::string(words_.merge_key));
}

void DocumentBuilder::name_duplicate(std::string_view text, const Node& key, const Node& first)
{
    fault(key.mark, "the key " + key_in_quotes(text) + " appears twice; the first one is at line " +
                        std::to_string(first.mark.line) + ", column " + std::to_string(first.mark.column));
}

/// Small mappings are compared pair by pair, which needs no memory; `webhooks` may hold a hundred thousand keys.
void DocumentBuilder::check_keys(const Node& mapping)
{
    constexpr std::uint32_t small = 2 * 24;
    const auto next_key = [this](const Node* key) { return document_.next(*document_.next(*key)); };
    std::unordered_map<std::string_view, const Node*> seen;
    if (mapping.size > small)
        seen.reserve(mapping.size / 2);

    const Node* const first = document_.first(mapping);
    for (const Node* key = first; key != nullptr; key = next_key(key)) {
        Pace::between_pieces();
        const Node& written = document_.resolved(*key);
        check_key(written);
        if (written.kind != NodeKind::scalar)
            continue;
        if (mapping.size > small) {
            const auto [place, is_new] = seen.emplace(written.text(), key);
            if (!is_new)
                name_duplicate(written.text(), *key, *place->second);
            continue;
        }
        for (const Node* earlier = first; earlier != key; earlier = next_key(earlier)) {
            const Node& other = document_.resolved(*earlier);
            if (other.kind == NodeKind::scalar && other.text() == written.text()) {
                name_duplicate(written.text(), *key, *earlier);
                break;
            }
        }
    }
}

std::optional<Document> Document::parse(const SourceFile& source, FaultList& faults, const DocumentWords& words)
{
    if (const auto offset = text::first_invalid_utf8(source.text())) {
        faults.add(source.number(), source.mark_at(*offset),
                   "this byte is not UTF-8; save the file in UTF-8, the only encoding that is read");
        return std::nullopt;
    }
    return DocumentBuilder(source, faults, words).build();
}

} // namespace dialhook::config
