#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace dialhook {

/// A list whose items belong to every list that holds them: what did not change from one configuration to the next is
/// the same object in both. Items never change.
template <class Item>
class SharedList
{
public:
    using Pointer = std::shared_ptr<const Item>;

    /// Visits the items themselves.
    class Iterator
    {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = Item;
        using difference_type = std::ptrdiff_t;
        using pointer = const Item*;
        using reference = const Item&;

        Iterator() = default;
        explicit Iterator(const Pointer* at)
            : at_(at)
        {
        }

        reference operator*() const { return **at_; }
        pointer operator->() const { return at_->get(); }
        Iterator& operator++()
        {
            ++at_;
            return *this;
        }
        Iterator operator++(int) { return Iterator(at_++); }
        bool operator==(const Iterator&) const = default;

    private:
        const Pointer* at_ = nullptr;
    };

    SharedList() = default;
    explicit SharedList(std::vector<Pointer> items)
        : items_(std::move(items))
    {
    }

    void reserve(std::size_t count) { items_.reserve(count); }
    void push_back(Item item) { items_.push_back(std::make_shared<const Item>(std::move(item))); }
    void share(Pointer item) { items_.push_back(std::move(item)); }
    void pop_back() { items_.pop_back(); }

    std::size_t size() const { return items_.size(); }
    bool empty() const { return items_.empty(); }
    const Item& operator[](std::size_t at) const { return *items_[at]; }
    const Item& front() const { return *items_.front(); }
    const Item& back() const { return *items_.back(); }
    const Item& at(std::size_t at) const { return *items_.at(at); }

    Iterator begin() const { return Iterator(items_.data()); }
    Iterator end() const { return Iterator(items_.data() + items_.size()); }

    /// Returns the items as they are owned.
    const std::vector<Pointer>& pointers() const { return items_; }

private:
    std::vector<Pointer> items_;
};

} // namespace dialhook
