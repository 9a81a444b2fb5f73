#pragma once

#include <yaml.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook::mock {

/// One YAML document in memory, with libyaml's nodes and the errors that reading it gave.
class YamlDocument
{
public:
    YamlDocument(std::string_view text, std::string name);
    ~YamlDocument();
    YamlDocument(const YamlDocument&) = delete;
    YamlDocument& operator=(const YamlDocument&) = delete;

    /// Null when the text is empty or is no YAML.
    [[nodiscard]] const yaml_node_t* root();
    [[nodiscard]] const yaml_node_t* node(int index);

    void error_at(const yaml_node_t& place, const std::string& text);
    [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }

private:
    void add_error(const yaml_mark_t& place, const std::string& text);

    std::string name_;
    std::optional<yaml_document_t> document_;
    std::vector<std::string> errors_;
};

/// The text of a scalar as it was written. `node` is a scalar.
[[nodiscard]] std::string scalar(const yaml_node_t& node);

} // namespace dialhook::mock
