#include "ctl/mock/yaml.hpp"

#include "ctl/terminal.hpp"

namespace dialhook::mock {
namespace {

std::string problem(const yaml_parser_t& parser)
{
    return std::string("not YAML: ") + (parser.problem != nullptr ? parser.problem : "unreadable");
}

} // namespace

YamlDocument::YamlDocument(std::string_view text, std::string name)
    : name_(std::move(name))
{
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0)
        throw std::bad_alloc();
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    yaml_document_t document;
    if (yaml_parser_load(&parser, &document) != 0)
        document_ = document;
    else
        add_error(parser.problem_mark, problem(parser));
    if (document_ && root() != nullptr) {
        // A second document would be passed over in silence.
        yaml_document_t second;
        if (yaml_parser_load(&parser, &second) == 0) {
            add_error(parser.problem_mark, problem(parser));
        } else {
            if (const yaml_node_t* rest = yaml_document_get_root_node(&second))
                error_at(*rest, "a second YAML document; a file holds one");
            yaml_document_delete(&second);
        }
    }
    yaml_parser_delete(&parser);
}

YamlDocument::~YamlDocument()
{
    if (document_)
        yaml_document_delete(&*document_);
}

const yaml_node_t* YamlDocument::root()
{
    return document_ ? yaml_document_get_root_node(&*document_) : nullptr;
}

const yaml_node_t* YamlDocument::node(int index)
{
    return yaml_document_get_node(&*document_, index);
}

void YamlDocument::error_at(const yaml_node_t& place, const std::string& text)
{
    add_error(place.start_mark, text);
}

void YamlDocument::add_error(const yaml_mark_t& place, const std::string& text)
{
    errors_.push_back(ctl::harmless(name_) + ':' + std::to_string(place.line + 1) + ':' +
                      std::to_string(place.column + 1) + ": " + ctl::harmless(text));
}

std::string scalar(const yaml_node_t& node)
{
    return {reinterpret_cast<const char*>(node.data.scalar.value), node.data.scalar.length};
}

} // namespace dialhook::mock
