#include "base/bounded_text.hpp"

#include "base/text.hpp"

namespace dialhook {

template <std::size_t Min, std::size_t Max>
std::optional<BoundedText<Min, Max>> BoundedText<Min, Max>::from(std::string_view bytes)
{
    if (bytes.size() < Min || bytes.size() > Max || !text::is_utf8(bytes))
        return std::nullopt;
    return BoundedText(bytes);
}

template <std::size_t Min, std::size_t Max>
bool BoundedText<Min, Max>::assign(std::string_view bytes)
{
    if (bytes.size() < Min || bytes.size() > Max || !text::is_utf8(bytes))
        return false;
    text_ = bytes;
    return true;
}

template class BoundedText<1, 256>;
template class BoundedText<0, 256>;
template class BoundedText<0, 1024>;

} // namespace dialhook
