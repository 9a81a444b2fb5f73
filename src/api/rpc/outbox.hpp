#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::rpc {

/// One batch whose answers are collected until the last one is there.
struct Batch
{
    std::size_t unanswered = 0;
    std::string answers;
};

/// The answers that an engine has not read yet, as text.
class Outbox
{
public:
    /// Adds what `append` appends to a text, as a line of its own or to `batch` (null: none). It appends nothing for a
    /// notification, which is not answered.
    template <class Append>
    void add(Batch* batch, Append append)
    {
        if (batch == nullptr)
            add_line(append);
        else
            add_to_batch(*batch, append);
    }

    /// Returns what is to be written next, or empty.
    std::string_view unsent() const { return std::string_view(text_).substr(sent_); }

    /// Returns the bytes of answers whose batch is not whole.
    std::size_t held() const { return held_; }

    void sent(std::size_t size) { sent_ += size; }

    /// Gives memory back, after a write.
    void trim();

private:
    template <class Append>
    void add_line(Append append)
    {
        const std::size_t before = text_.size();
        append(text_);
        if (text_.size() != before)
            text_ += '\n';
    }

    template <class Append>
    void add_to_batch(Batch& batch, Append append)
    {
        const std::size_t before = batch.answers.size();
        if (before != 0)
            batch.answers += ',';
        const std::size_t start = batch.answers.size();
        append(batch.answers);
        if (batch.answers.size() == start)
            batch.answers.resize(before);
        held_ += batch.answers.size() - before;
        if (--batch.unanswered == 0)
            finish(batch);
    }

    void finish(const Batch& batch);

    std::string text_;
    std::size_t sent_ = 0; ///< of its front
    std::size_t held_ = 0;
};

} // namespace dialhook::rpc
