#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <string_view>

/// SQLite with values and exceptions. A connection and its statements belong to one thread at a time.
namespace dialhook::spool::sqlite {

class Error : public std::runtime_error
{
public:
    Error(int code, const std::string& message)
        : std::runtime_error(message)
        , code_(code)
    {
    }

    /// Returns whether the file is no database, or no longer one.
    bool is_broken_file() const;
    /// Returns whether another process has the file.
    bool is_locked() const;

private:
    int code_;
};

class Connection
{
public:
    /// `path` may be `:memory:`. Throws Error if the file cannot be opened or made.
    explicit Connection(const std::string& path);

    /// Runs statements whose results do not matter.
    void run(const char* sql);

    /// Returns the first value of a statement, such as a PRAGMA.
    std::int64_t number(const char* sql);
    std::string text(const char* sql);

    std::int64_t last_id() const;
    /// Returns how many rows the last statement changed.
    int changes() const;
    /// Returns whether no transaction is open.
    bool is_idle() const;

    sqlite3* handle() const { return handle_.get(); }

private:
    struct Close
    {
        void operator()(sqlite3* handle) const { ::sqlite3_close_v2(handle); }
    };
    std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement, to be run as often as one likes: parameters in their order, then `row` for each row, or `run`.
/// When it was run, or its last row was read, it is ready for the next time.
class Statement
{
public:
    Statement(Connection& connection, std::string_view sql);

    Statement& with(std::int64_t number);
    Statement& with(std::string_view text);
    Statement& with(std::nullptr_t);
    template <typename Value>
    Statement& with(const std::optional<Value>& value)
    {
        return value ? with(*value) : with(nullptr);
    }

    /// Returns whether there is a row; `number` and `text` then read its columns.
    bool row();

    /// Runs it to its end.
    void run();

    /// Leaves further rows alone.
    void reset() noexcept;

    bool is_null(int column) const;
    std::int64_t number(int column) const;
    std::string_view text(int column) const; ///< until the next row

private:
    struct Finalize
    {
        void operator()(sqlite3_stmt* handle) const { ::sqlite3_finalize(handle); }
    };

    void check(int code);

    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
    int bound_ = 0;
};

/// Either all of what happens until `commit` is in the file, or nothing.
class Transaction
{
public:
    explicit Transaction(Connection& connection);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

private:
    Connection& connection_;
};

} // namespace dialhook::spool::sqlite
